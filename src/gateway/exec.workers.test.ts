import { exports } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { api, createTask, ENDED, ensureAgent, eventually, type Json, journal, NAMESPACE, taskPhase } from "../../test/fakes/api.ts";
import { RawNode } from "../../test/fakes/raw-node.ts";

beforeAll(() => ensureAgent());

let node: RawNode | undefined;
const clients: WebSocket[] = [];
afterEach(async () => {
	for (const client of clients.splice(0)) client.close();
	node?.close();
	if (node) await api("DELETE", `/api/v1/nodes/${node.name}`);
	node = undefined;
});

const sessionOf = async (name: string): Promise<Json> => (await api("GET", `${NAMESPACE}/sessions/${name}`)).body;

/** A session that is idle, and whose files are on a node. */
async function idleSession(name: string): Promise<RawNode> {
	// A session of an older machine has files that are nowhere else, and so goes back there whatever is said of it.
	const machine = await RawNode.join(`exec-${name}`, name, ["checkpoints"]);
	node = machine;
	await createTask(name, "$ true");
	const call = await machine.next("call");
	machine.result(call, "", {});
	await taskPhase(name, ENDED);
	await eventually(
		() => sessionOf(name),
		({ status }) => status.phase === "Idle",
	);
	return machine;
}

function upgrade(name: string, headers: Record<string, string> = {}): Promise<Response> {
	return exports.default.fetch(`http://klaw/api/v1/namespaces/default/pods/${name}/exec?command=ls&stdout=true`, {
		headers: {
			Authorization: "Bearer test-admin-token",
			Upgrade: "websocket",
			"Sec-WebSocket-Protocol": "v5.channel.k8s.io",
			...headers,
		},
	});
}

/** The Status that ends a command. */
async function statusOf(response: Response): Promise<Json> {
	const { webSocket } = response;
	if (!webSocket) throw new Error(`no WebSocket: ${response.status}`);
	clients.push(webSocket);
	webSocket.binaryType = "arraybuffer";
	return new Promise((resolve) => {
		webSocket.addEventListener("message", ({ data }) => {
			const bytes = new Uint8Array(data as ArrayBuffer);
			if (bytes[0] === 3) resolve(JSON.parse(new TextDecoder().decode(bytes.subarray(1))));
		});
		webSocket.accept();
	});
}

describe("a person's command", () => {
	test("takes a lease for as long as it runs, and the session shows its node meanwhile", async () => {
		const machine = await idleSession("leased");
		const opened = upgrade("leased");
		const start = await machine.next("exec");
		expect(start).toMatchObject({ session: "default/leased", command: ["ls"] });
		machine.send({ type: "exec-started", id: start.id });
		await eventually(
			() => sessionOf("leased"),
			({ status }) => status.node === machine.name && status.phase === "Idle",
		);
		const status = statusOf(await opened);
		const checkpoint = { name: "a".repeat(64), files: 1, bytes: 2, storedBytes: 3, order: 4 };
		machine.send({ type: "exec-exit", id: start.id, exitCode: 0, epoch: start.state?.epoch, checkpoint });
		expect(await status).toMatchObject({ status: "Success" });
		await eventually(
			() => sessionOf("leased"),
			({ status }) => status.node === undefined,
		);
		const events = (await journal("leased")).map(({ event }) => event);
		expect(events.find(({ type }) => type === "exec.closed")).toMatchObject({ checkpoint });
		const types = events.map(({ type }) => type).filter((type) => type !== "delivered");
		expect(types.slice(-4)).toEqual(["exec.opened", "lease.granted", "exec.closed", "lease.released"]);
	});

	test("waits for a node that may be used, and then runs", async () => {
		const machine = await idleSession("cordoned");
		const cordon = (unschedulable: boolean) =>
			api("PATCH", `/api/v1/nodes/${machine.name}`, { spec: { unschedulable } }, { "Content-Type": "application/merge-patch+json" });
		await cordon(true);
		const opened = upgrade("cordoned");
		await eventually(
			() => sessionOf("cordoned"),
			({ status }) => /unschedulable/.test(status.waitingFor),
		);
		expect(machine.has("exec")).toBe(false);
		await cordon(false);
		const start = await machine.next("exec");
		const status = statusOf(await opened);
		machine.send({ type: "exec-exit", id: start.id, exitCode: 7 });
		expect(await status).toMatchObject({ reason: "NonZeroExitCode" });
	});

	test("is cut by an eviction when its grace period is over", async () => {
		const machine = await idleSession("drained");
		const opened = upgrade("drained");
		const start = await machine.next("exec");
		const status = statusOf(await opened);
		const metadata = { name: "drained", namespace: "default" };
		const pod = "/api/v1/namespaces/default/pods/drained";
		// What it did is in no checkpoint since a moment ago: whoever evicts it now says that they know.
		const evicted = async () => {
			const { resourceVersion } = (await api("GET", pod)).body.metadata;
			const deleteOptions = { gracePeriodSeconds: 0, preconditions: { resourceVersion } };
			return api("POST", `${pod}/eviction`, { apiVersion: "policy/v1", kind: "Eviction", metadata, deleteOptions });
		};
		await eventually(evicted, ({ status: code }) => code === 201);
		expect(await status).toMatchObject({ status: "Failure", message: expect.stringMatching(/^The command was cut, .*evicted by /) });
		expect(await machine.next("exec-stop")).toMatchObject({ id: start.id });
	});

	test("in a session that has no workspace is told so over its WebSocket, since a client that gets none tries SPDY", async () => {
		await api("POST", `${NAMESPACE}/sessions`, { metadata: { name: "silent" } });
		expect(await statusOf(await upgrade("silent"))).toMatchObject({
			message:
				"pod silent has no node to run a command on: it has no workspace, because no message was ever sent to it. Send it one and try again.",
		});
	});

	test("in a session that is not there is a 404 at once", async () => {
		expect((await upgrade("nowhere")).status).toBe(404);
	});

	test.each([
		["SPDY", { Upgrade: "SPDY/3.1" }, /does not speak SPDY/],
		["a protocol of another kind", { "Sec-WebSocket-Protocol": "channel.k8s.io" }, /offers none of the protocols/],
	])("over %s is refused", async (_, headers, message) => {
		await api("POST", `${NAMESPACE}/sessions`, { metadata: { name: "silent" } });
		const response = await upgrade("silent", headers);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ message: expect.stringMatching(message) });
	});
});
