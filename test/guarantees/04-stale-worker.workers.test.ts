import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { nodeObjectName } from "../../durable-objects/names.ts";
import { NODE_LOST_MS } from "../../durable-objects/ports.ts";
import { api, createTask, ENDED, journal, NAMESPACE, taskPhase } from "../fakes/api.ts";
import { RawNode } from "../fakes/raw-node.ts";

afterEach(() => void vi.useRealTimers());

it("a stale worker cannot write: what an old incarnation reports after its replacement is refused", async () => {
	const old = await RawNode.join("stale", "machine-1");
	expect(old.incarnation).toBe(1);
	await createTask("stale-task", "$ make world");
	const call = await old.next("call");

	// The node is replaced while its call runs.
	expect((await api("DELETE", "/api/v1/nodes/stale")).status).toBe(200);
	const young = await RawNode.join("stale", "machine-2");
	expect(young.incarnation).toBe(2);

	// The old machine reports on its old connection, also under the new incarnation's name, and is not let in anew.
	old.result(call, "LIES");
	old.result(call, "LIES", { incarnation: 2 });
	await expect(RawNode.dial("stale", "machine-1")).rejects.toThrow('Another machine has joined as node "stale" already.');
	// Even the new machine cannot answer for the old one's call.
	young.result(call, "LIES");
	await young.next("ack");

	const status = await taskPhase("stale-task", ENDED, 30_000);
	expect(status.phase).toBe("Succeeded");
	expect(status.result).toContain("outcome unknown: node stale was lost, or replaced by another machine");
	expect(JSON.stringify(await journal("stale-task"))).not.toContain("LIES");
	// The command, which is not safe to repeat, was not sent to the new machine.
	expect(young.has("call")).toBe(false);
	expect((await api("GET", `${NAMESPACE}/sessions/stale-task`)).body.status.phase).toBe("Idle");
});

it("a machine that was taken for lost cannot write: what it reports of its old incarnation is refused, whatever it calls itself", async () => {
	vi.useFakeTimers({ toFake: ["Date"] });
	const old = await RawNode.join("lost", "machine-1");
	await createTask("lost-task", "$ make world");
	const call = await old.next("call");

	// It says nothing for too long, and its socket stays open at its end.
	vi.setSystemTime(Date.now() + NODE_LOST_MS + 1);
	await runDurableObjectAlarm(env.NODE.getByName(nodeObjectName("lost", "default")));
	old.result(call, "LIES");
	const back = await RawNode.join("lost", "machine-1");
	expect(back.incarnation).toBe(2);
	back.result(call, "LIES", { incarnation: 1 });
	back.send({ type: "output", id: call.id, session: call.session, offset: 0, text: "LIES", incarnation: 1 });
	back.result(call, "LIES");
	await back.next("ack");

	const status = await taskPhase("lost-task", ENDED, 30_000);
	expect(status.phase).toBe("Succeeded");
	expect(status.result).toContain("outcome unknown: node lost ");
	expect(JSON.stringify(await journal("lost-task"))).not.toContain("LIES");
	expect(back.has("call")).toBe(false);
});
