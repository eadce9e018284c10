import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTask, ENDED, taskPhase } from "../fakes/api.ts";
import { RawNode } from "../fakes/raw-node.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

// Timers go on: only what objects think the time is can be turned.
beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

interface Alarm {
	/** Class of the object. */
	of: string;
	at: number;
	ring(): Promise<unknown>;
}

/** The alarms of all objects there are, the next one first. */
async function alarms(): Promise<Alarm[]> {
	const { SESSION, CLUSTER, NAMESPACE, DISPATCHER, NODE } = env;
	const found = await Promise.all([
		alarmsOf("SESSION", SESSION),
		alarmsOf("CLUSTER", CLUSTER),
		alarmsOf("NAMESPACE", NAMESPACE),
		alarmsOf("DISPATCHER", DISPATCHER),
		alarmsOf("NODE", NODE),
	]);
	return found.flat().sort((a, b) => a.at - b.at);
}

async function alarmsOf<T extends Rpc.DurableObjectBranded>(of: string, namespace: DurableObjectNamespace<T>): Promise<Alarm[]> {
	const found: Alarm[] = [];
	for (const id of await listDurableObjectIds(namespace)) {
		const stub = namespace.get(id);
		const at = await runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
		if (at !== null) found.push({ of, at, ring: () => runDurableObjectAlarm(stub) });
	}
	return found;
}

/** Turns the clock from alarm to alarm, until there is none or the time has come. @returns whose alarms went off */
async function pass(ms: number): Promise<string[]> {
	const end = Date.now() + ms;
	const rang: string[] = [];
	for (;;) {
		const [next] = await alarms();
		if (!next || next.at > end) break;
		vi.setSystemTime(Math.max(Date.now(), next.at) + 1);
		rang.push(next.of);
		await next.ring();
	}
	vi.setSystemTime(end);
	return rang;
}

it("idle costs nothing: minutes after a task on a node no object has an alarm, and none has one for a day, with the node connected", async () => {
	const node = await RawNode.join("idle", "machine-1");
	await createTask("short", "$ true");
	const call = await node.next("call");
	expect((await alarms()).map(({ of }) => of)).toEqual(expect.arrayContaining(["SESSION", "NODE"]));
	node.result(call, "done");
	expect(await taskPhase("short", ENDED)).toMatchObject({ phase: "Succeeded" });

	await pass(MINUTE_MS / 2);
	// A machine speaks every ten seconds; this one comes anew, since the platform stamps heartbeats with the real time.
	const again = await RawNode.join("idle", "machine-1");
	// The node's object and the dispatcher each look once more, and find nothing.
	expect((await pass(5 * MINUTE_MS)).length).toBeLessThanOrEqual(3);
	expect(await alarms()).toEqual([]);
	expect(await pass(DAY_MS)).toEqual([]);
	expect(again.closed).toBeUndefined();
	again.close();
});
