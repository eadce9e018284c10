import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { unwrap } from "../../src/api/status.ts";
import { dispatcherObjectName } from "../names.ts";
import { DispatcherObject } from "./object.ts";
import { joined, request } from "./test-dispatcher.ts";

const NODES = { group: "", version: "v1", plural: "nodes" };
const caller = { user: "root", groups: ["system:masters"] };
const write = { dryRun: false, fieldManager: "test", fieldValidation: "Strict" as const };

/** A dispatcher that may start containers; what it tells nodes and sessions never arrives. */
function inDispatcher<T>(cluster: string, act: (dispatcher: DispatcherObject, state: DurableObjectState) => Promise<T>): Promise<T> {
	const stub = env.DISPATCHER.getByName(dispatcherObjectName(cluster));
	return runInDurableObject(stub, (_, state) => {
		const silent = { getByName: () => new Proxy({}, { get: () => () => new Promise(() => undefined) }) };
		const deaf = Object.assign(Object.create(null), env, {
			KLAW_CONTAINERS: '{"max":2,"sleepAfter":"1ms"}',
			NODE: silent,
			SESSION: silent,
			CONTAINER: silent,
		});
		return act(new DispatcherObject(state, deaf), state);
	});
}

async function names(dispatcher: DispatcherObject): Promise<string[]> {
	const reply = unwrap(await dispatcher.api({ verb: "list", caller, resource: NODES, list: {} }));
	return reply.type === "list" ? reply.items.map(({ metadata }) => metadata.name) : [];
}

test("a container that is ordered for a session is a node that can be seen at once", async () => {
	const seen = await inDispatcher("ordered", async (dispatcher) => {
		expect(await dispatcher.acquire(request("s1", 0.1))).toMatchObject({ state: "queued" });
		const records = await dispatcher.listNodes();
		return { records: records.map(({ name }) => name), shown: await names(dispatcher) };
	});
	expect(seen.records).toHaveLength(1);
	expect(seen.shown).toEqual(seen.records);
});

test("a node of which a client takes the taint away takes who waits soon after", async () => {
	await inDispatcher("untainted", async (dispatcher) => {
		await Promise.all(["a", "b"].map((name) => dispatcher.nodeJoined(joined(name, { taints: [{ key: "mine", effect: "NoSchedule" }] }))));
		const untolerant = request("s1", 1, { nodeSelector: { is: "a" } });
		expect(await dispatcher.acquire(untolerant)).toMatchObject({ state: "queued" });
		const body = { metadata: { labels: { is: "a" } }, spec: { taints: null } };
		unwrap(await dispatcher.api({ verb: "patch", patch: "merge", name: "a", body, caller, resource: NODES, write }));
		await vi.waitFor(async () => expect((await dispatcher.getNode("a"))?.leases).toMatchObject([{ session: "default/s1" }]));
	});
});

test("an alarm whose time has come is not put off by whatever else happens in that moment", async () => {
	await inDispatcher("due", async (dispatcher, { storage }) => {
		const alarms = vi.spyOn(storage, "setAlarm").mockResolvedValue();
		await dispatcher.acquire(request("s1", 0.1));
		const [name = ""] = (await dispatcher.listNodes()).map((node) => node.name);
		await dispatcher.nodeJoined(joined(name, { source: "container" }));
		const reply = await dispatcher.acquire(request("s1", 0.1));
		if (reply.state !== "granted") throw new Error(`s1 has no lease: ${JSON.stringify(reply)}`);
		// The container is idle from now on, and to be stopped a millisecond later.
		await dispatcher.release({ session: "default/s1", lease: reply.lease.id });
		const due = Number(alarms.mock.lastCall?.[0]);
		await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(due));
		await dispatcher.nodeJoined(joined("another"));
		expect(Number(alarms.mock.lastCall?.[0]) - due).toBeLessThan(10_000);
	});
});
