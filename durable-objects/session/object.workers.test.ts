import { evictDurableObject, listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { agentSpecSchema } from "../../src/resources/agent/schema.ts";
import { api, createTask, ENDED, ensureAgent, journal, NAMESPACE, taskPhase } from "../../test/fakes/api.ts";
import { RawNode } from "../../test/fakes/raw-node.ts";
import { dispatcherObjectName, nodeObjectName, sessionObjectName } from "../names.ts";

const session = (name: string) => env.SESSION.getByName(sessionObjectName("default", name, "default"));

let nodes: RawNode[] = [];
async function joined(name: string, uid = name, features: string[] = []): Promise<RawNode> {
	const node = await RawNode.join(name, uid, features);
	nodes.push(node);
	return node;
}
afterEach(async () => {
	for (const { name, close } of nodes.map((node) => ({ name: node.name, close: () => node.close() }))) {
		close();
		await api("DELETE", `/api/v1/nodes/${name}`);
	}
	nodes = [];
});

describe("a session on a node", () => {
	it("sends each call once and reads its result", async () => {
		const node = await joined("n1");
		await createTask("plain", "$ echo one\n$ echo two");
		const first = await node.next("call");
		expect(first).toMatchObject({ tool: "bash", arguments: { command: "echo one" }, session: "default/plain", timeoutMs: 120_000 });
		node.result(first, "one\n");
		const second = await node.next("call");
		expect(second.id).not.toBe(first.id);
		node.result(second, "two\n");
		const status = await taskPhase("plain", ENDED);
		expect(status).toMatchObject({ phase: "Succeeded", iterations: 3 });
		expect(status.result).toContain("one");
	});

	it("goes on after an eviction in the middle of a command, with nobody connected", async () => {
		const node = await joined("n1");
		await createTask("evicted", "$ sleep 1000");
		const call = await node.next("call");
		await evictDurableObject(session("evicted"));
		node.result(call, "slept");
		await node.next("ack");
		expect(await taskPhase("evicted", ENDED)).toMatchObject({ phase: "Succeeded" });
		expect(node.has("call")).toBe(false);
	});

	it("is taken up by its alarm alone when everything in memory was lost", async () => {
		const node = await joined("n1");
		await createTask("alarmed", "$ one");
		const call = await node.next("call");
		await evictDurableObject(session("alarmed"));
		expect(await runDurableObjectAlarm(session("alarmed"))).toBe(true);
		// The call is asked for again under the same id: the machine knows it and does not run it twice.
		expect((await node.next("call")).id).toBe(call.id);
		node.result(call, "ran once");
		expect(await taskPhase("alarmed", ENDED)).toMatchObject({ phase: "Succeeded" });
	});

	it("waits for a node that is away and calls it when it is back", async () => {
		const node = await joined("n1");
		await createTask("away", "$ one\n$ two");
		const first = await node.next("call");
		node.result(first, "1");
		const second = await node.next("call");
		node.close();
		const back = await RawNode.dial("n1", "n1", [{ callId: second.id, session: second.session, state: "running" }]);
		nodes.push(back);
		back.incarnation = (await back.next("welcome")).incarnation;
		expect(back.incarnation).toBe(node.incarnation);
		back.result(second, "2");
		expect(await taskPhase("away", ENDED)).toMatchObject({ phase: "Succeeded" });
	});

	it("tells the node to stop when its run is cancelled, again when the node was away", async () => {
		const node = await joined("n1");
		await createTask("stopped", "$ sleep 1000");
		const call = await node.next("call");
		await api("POST", `${NAMESPACE}/tasks/stopped/cancel`, { reason: "changed my mind" });
		expect(await taskPhase("stopped", ENDED)).toMatchObject({ phase: "Cancelled", message: expect.stringContaining("changed my mind") });
		expect((await node.next("cancel")).id).toBe(call.id);
		node.close();
		const back = await RawNode.dial("n1", "n1", [{ callId: call.id, session: call.session, state: "running" }]);
		nodes.push(back);
		expect((await back.next("cancel")).id).toBe(call.id);
	});

	it("queues for a node that has no room and is called when there is some", async () => {
		const node = await joined("n1");
		await ensureAgent();
		const spec = { model: "offline/shell", resources: { requests: { cpu: "3", memory: "1Gi" } } };
		await api("POST", `${NAMESPACE}/agents`, { metadata: { name: "big" }, spec });
		await createTask("first", "$ one", { agent: "big" });
		const call = await node.next("call");
		await createTask("second", "$ two", { agent: "big" });
		await expect
			.poll(async () => (await api("GET", `${NAMESPACE}/tasks/second`)).body.status.waitingFor, { timeout: 10_000 })
			.toBe("0/1 nodes are available: 1 Insufficient cpu.");
		node.result(call, "1");
		expect(await taskPhase("first", ENDED)).toMatchObject({ phase: "Succeeded" });
		const next = await node.next("call");
		expect(next.session).toBe("default/second");
		node.result(next, "2");
		expect(await taskPhase("second", ENDED)).toMatchObject({ phase: "Succeeded" });
	});

	it("asks a machine that it knows by a repeated result to forget it, and journals one result", async () => {
		const node = await joined("n1");
		await createTask("twice", "$ one");
		const call = await node.next("call");
		node.result(call, "1");
		await node.next("ack");
		node.result(call, "another story");
		await node.next("ack");
		await taskPhase("twice", ENDED);
		const results = (await journal("twice")).filter(({ event }) => event.type === "tool.completed");
		expect(results.map(({ event }) => event.content)).toEqual(["1"]);
	});
});

describe("at the end of a session's lease", () => {
	const leases = async () => {
		const [record] = await env.DISPATCHER.getByName(dispatcherObjectName("default")).listNodes();
		return record?.leases.length;
	};

	it("its node lets the workspace rest, and its room is free when that is so", async () => {
		const node = await joined("n1", "n1", ["rest"]);
		await createTask("rests", "$ sleep 1000 &");
		node.result(await node.next("call"), "");
		expect(await taskPhase("rests", ENDED)).toMatchObject({ phase: "Succeeded" });
		const rest = await node.next("rest");
		expect(rest).toMatchObject({ session: "default/rests", workspace: expect.stringMatching(/^default\.rests\./) });
		expect(await leases()).toBe(1);
		node.send({ type: "rested", id: rest.id });
		await expect.poll(leases).toBe(0);
	});

	it("it is told when its machine is back, though the session has lost its memory meanwhile", async () => {
		const node = await joined("n1", "n1", ["rest"]);
		await createTask("given-up", "$ sleep 1000");
		await node.next("call");
		node.close();
		await api("POST", `${NAMESPACE}/tasks/given-up/cancel`, { reason: "changed my mind" });
		await evictDurableObject(session("given-up"));
		const back = await joined("n1", "n1", ["rest"]);
		const rest = await back.next("rest");
		back.send({ type: "rested", id: rest.id });
		await expect.poll(leases).toBe(0);
	});
});

describe("deleting a session", () => {
	it("stops its command, forgets its workspace and leaves nothing stored", async () => {
		const node = await joined("n1");
		await createTask("gone", "$ sleep 1000");
		const call = await node.next("call");
		expect((await api("DELETE", `${NAMESPACE}/sessions/gone`)).status).toBe(200);
		expect((await node.next("cancel")).id).toBe(call.id);
		expect((await node.next("forget")).workspace).toBe(call.workspace);
		const tables = () =>
			runInDurableObject(
				session("gone"),
				(_, state) => state.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'journal'").toArray().length,
			);
		await expect.poll(tables, { timeout: 10_000 }).toBe(0);
		expect((await api("GET", `${NAMESPACE}/sessions/gone`)).status).toBe(404);
	});
});

describe("orders to a machine", () => {
	it("to forget a workspace are repeated at each hello until the machine says that it did", async () => {
		const node = await joined("n1");
		await createTask("forgetful", "$ sleep 1000");
		const call = await node.next("call");
		await api("DELETE", `${NAMESPACE}/sessions/forgetful`);
		await node.next("forget");
		// The machine dies before it obeyed.
		node.close();
		const back = await joined("n1");
		const again = await back.next("forget");
		expect(again.workspace).toBe(call.workspace);
		back.forgotten(again);
		back.close();
		const third = await joined("n1");
		await createTask("next", "$ one");
		third.result(await third.next("call"), "1");
		await taskPhase("next", ENDED);
		expect(third.has("forget")).toBe(false);
	});

	it("to stop a call that has not been sent yet keep it from being sent", async () => {
		const node = await joined("n1");
		const stub = env.NODE.getByName(nodeObjectName("n1", "default"));
		const { incarnation } = node;
		await stub.stop({ callId: "c1", session: "default/x", incarnation, reason: "cancelled" });
		await stub.call({ callId: "c1", session: "default/x", workspace: "w", incarnation, tool: "bash", arguments: {}, timeoutMs: 1_000 });
		await stub.call({ callId: "c2", session: "default/x", workspace: "w", incarnation, tool: "bash", arguments: {}, timeoutMs: 1_000 });
		expect((await node.next("call")).id).toBe("c2");
		expect(node.has("call")).toBe(false);
	});
});

describe("deleting a node", () => {
	it("tells its machine, which does not come back by itself, and sends its sessions elsewhere", async () => {
		const node = await joined("n1");
		await createTask("moved", "read a.txt");
		await node.next("call");
		await api("DELETE", "/api/v1/nodes/n1");
		expect(await node.next("reject")).toMatchObject({ code: "Deleted", retryable: false });
		const other = await joined("n2");
		const call = await other.next("call");
		expect(call.tool).toBe("read");
		other.result(call, "1");
		const status = await taskPhase("moved", ENDED);
		expect(status.result).toContain("in an empty workspace");
	});

	it("does not take away the machine that joined anew under its name meanwhile", async () => {
		await joined("n1", "first");
		const dispatcher = env.DISPATCHER.getByName(dispatcherObjectName("default"));
		await api("DELETE", "/api/v1/nodes/n1");
		const young = await joined("n1", "second");
		await dispatcher.nodeReplaced("n1", young.incarnation - 1);
		expect((await dispatcher.getNode("n1"))?.uid).toBe("second");
	});

	it("is made up for when the dispatcher missed it: the first call to the lost machine tells it", async () => {
		const node = await joined("n1");
		await createTask("missed", "$ one\n$ two");
		const first = await node.next("call");
		// The object of the node has freed its name; the dispatcher never heard of it.
		await env.NODE.getByName(nodeObjectName("n1", "default")).remove();
		const dispatcher = env.DISPATCHER.getByName(dispatcherObjectName("default"));
		expect(await dispatcher.getNode("n1")).toBeDefined();
		await session("missed").leaseRevoked();
		await expect.poll(() => dispatcher.getNode("n1"), { timeout: 10_000 }).toBeUndefined();
		expect(first.id).toBeDefined();
	});
});

describe("a session that was opened again under an old uid", () => {
	it("by a message that came after its deletion makes way for the new one", async () => {
		await createTask("reborn", "hello");
		await taskPhase("reborn", ENDED);
		const { body: old } = await api("GET", `${NAMESPACE}/sessions/reborn`);
		const agent = { name: "default", digest: "d", spec: { ...agentSpecSchema.parse({ model: "offline/shell" }), instructions: "" } };
		await api("DELETE", `${NAMESPACE}/tasks/reborn`);
		await api("DELETE", `${NAMESPACE}/sessions/reborn`);
		await expect.poll(async () => (await api("GET", `${NAMESPACE}/sessions/reborn`)).status, { timeout: 10_000 }).toBe(404);
		const identity = { namespace: "default", name: "reborn", uid: old.metadata.uid };
		await expect
			.poll(() =>
				session("reborn")
					.send({ identity, agent, message: { key: "late", text: "late" } })
					.then(
						() => true,
						() => false,
					),
			)
			.toBe(true);
		await createTask("reborn", "hello");
		expect(await taskPhase("reborn", ENDED, 20_000)).toMatchObject({ phase: "Succeeded" });
	});
});

describe("an idle session", () => {
	it("has no alarm, and none after being woken a hundred times", async () => {
		await createTask("idle", "hello");
		await taskPhase("idle", ENDED);
		const stub = session("idle");
		await expect.poll(() => runInDurableObject(stub, (_, state) => state.storage.getAlarm()), { timeout: 10_000 }).toBeNull();
		const before = (await journal("idle")).length;
		for (let n = 0; n < 100; n += 1) {
			await evictDurableObject(stub);
			await stub.runOf("nothing");
		}
		expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBeNull();
		expect((await journal("idle")).length).toBe(before);
		expect((await listDurableObjectIds(env.SESSION)).length).toBeGreaterThan(0);
	});
});
