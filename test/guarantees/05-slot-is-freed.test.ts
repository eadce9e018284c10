import { expect, it } from "vitest";
import { Dispatcher, LEASE_MS } from "../../durable-objects/dispatcher/dispatcher.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import type { LeaseRequest } from "../../durable-objects/ports.ts";
import { commands, World } from "../fakes/session-world.ts";
import { memorySql } from "../fakes/sqlite.ts";

it("a finished run always frees its slot, though every word of its end is lost for ten minutes", async () => {
	let id = 0;
	const world = new World(commands(["a"]));
	const dispatcher = new Dispatcher({
		ledger: new Ledger(memorySql()),
		scheduler: DEFAULT_CONFIG,
		now: () => world.now,
		id: () => `lease-${++id}`,
		suffix: () => "x",
	});
	const capacity = { cpu: 1, memory: 1_000, slots: 1 };
	dispatcher.nodes.joined({ name: "n1", uid: "u", incarnation: 1, capacity, labels: {}, version: "1", os: "linux", arch: "x64" });
	const request = (session: string): LeaseRequest => ({ session, namespace: "default", requests: { cpu: 1, memory: 1 }, nodeSelector: {} });

	// The one slot goes to the session, whose run then ends in an outage: its release reaches nobody.
	const held = dispatcher.acquire(request("default/demo"));
	world.send({ text: "go" });
	await world.until(() => world.events.some(({ event }) => event.type === "run.finished"));
	world.outage = true;
	expect(dispatcher.acquire(request("default/next"))).toMatchObject({ state: "queued" });
	const outageStart = world.now;
	await world.settle(outageStart + LEASE_MS);
	world.now = outageStart + LEASE_MS;
	dispatcher.dispatch();
	const [next] = dispatcher.pool.untold();
	expect(next?.session).toBe("default/next");

	// After ten minutes the word gets through. It is still owed, and it takes nothing from whoever has the slot now.
	await world.settle(outageStart + 540_000);
	world.now = outageStart + 540_000;
	expect(next && dispatcher.renew(next)).toBeDefined();
	await world.settle(outageStart + 600_000);
	expect(world.released).toBe(0);
	world.outage = false;
	await world.settle();
	expect(world.released).toBe(1);
	dispatcher.release({ session: "default/demo", lease: held.state === "granted" ? held.lease.id : undefined });
	expect(dispatcher.records()[0]?.leases.map(({ session }) => session)).toEqual(["default/next"]);
});
