import { expect, test } from "vitest";
import { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import type { LeaseRequest } from "../../durable-objects/ports.ts";
import { World } from "../fakes/session-world.ts";
import { memorySql } from "../fakes/sqlite.ts";

const OUTAGE_MS = 300_000;
const DAY_MS = 86_400_000;
/** The longest pause of a session that was refused. */
const SESSION_PAUSE_MS = 10_000;

const bash = [{ type: "tool_call" as const, id: "c", name: "bash", arguments: '{"command":"true"}' }];
const answer = [{ type: "text" as const, text: "done" }];

test("a session whose dispatches all fail for five minutes goes on within seconds of the repair, and nothing was counted against it", async () => {
	const world = new World((messages) =>
		messages.some(({ role }) => role === "tool") ? { content: answer } : { content: bash, stopReason: "tool_calls" },
	);
	world.send({ text: "go" });
	await world.until(() => world.reactor.state.run?.calls.length === 1);
	world.outage = true;
	await world.settle(world.now + OUTAGE_MS);
	const healed = world.now;
	world.outage = false;
	await world.until(() => world.reactor.state.run === undefined);
	const tookMs = world.now - healed;
	await world.settle();
	expect(world.reports.at(-1)).toMatchObject({ run: { phase: "Succeeded", result: "done" } });
	expect(tookMs).toBeLessThanOrEqual(2 * SESSION_PAUSE_MS);
});

/** A dispatcher that may start containers, and machines that come at once or never. */
function pool() {
	const clock = { now: 0 };
	let ids = 0;
	const id = () => {
		ids += 1;
		return String(ids);
	};
	const capacity = { cpu: 4, memory: 4_000, slots: 4 };
	const containers = { max: 4, min: 0, sleepAfterMs: 600_000, keepUnsavedForMs: 3_600_000, capacity, labels: {}, taints: [] };
	const dispatcher = new Dispatcher({
		ledger: new Ledger(memorySql()),
		scheduler: DEFAULT_CONFIG,
		containers,
		now: () => clock.now,
		id,
		suffix: id,
	});
	const request = (n: number): LeaseRequest => ({
		...{ session: `default/s${n}`, namespace: "default", requests: { cpu: 2, memory: 1 }, nodeSelector: {} },
	});
	/** Returns how many starts were ordered. */
	const carryOut = (works: boolean) => {
		const orders = dispatcher.pool.orders();
		for (const { name, order } of orders) {
			dispatcher.containers.ordered(name, order?.kind ?? "start");
			const version = { version: "1", os: "linux", arch: "amd64" };
			if (works) dispatcher.nodes.joined({ name, uid: name, incarnation: 1, source: "container", capacity, labels: {}, ...version });
			else dispatcher.containerFailed(name, { message: "There is no container instance.", final: false });
		}
		return orders.length;
	};
	/** Nothing starts until then. Returns how many starts were tried. */
	const outage = (until: number) => {
		let starts = 0;
		for (; clock.now < until; clock.now = Math.max(clock.now + 1, dispatcher.dueAt() ?? until)) {
			dispatcher.tick();
			starts += carryOut(false);
		}
		return starts;
	};
	return { clock, dispatcher, request, carryOut, outage };
}

test("a pool whose containers all fail to start for five minutes has everybody placed after the repair, and forgets the failures", () => {
	const { clock, dispatcher, request, carryOut, outage } = pool();
	for (let n = 0; n < 8; n++) dispatcher.acquire(request(n));
	// Later each time, and never more than four at once.
	expect(outage(OUTAGE_MS)).toBeLessThanOrEqual(4 * 9);

	const healed = clock.now;
	for (let round = 0; round < 10 && dispatcher.pool.ledger.queueLength() > 0; round++) {
		dispatcher.tick();
		carryOut(true);
		if (dispatcher.pool.ledger.queueLength() > 0) clock.now = Math.max(clock.now + 1, dispatcher.dueAt() ?? clock.now + 1);
	}
	expect(dispatcher.pool.ledger.queueLength()).toBe(0);
	expect([...dispatcher.pool.ledger.leases()]).toHaveLength(8);
	expect(clock.now - healed).toBeLessThanOrEqual(OUTAGE_MS);
	expect(dispatcher.containers.note(clock.now)).not.toContain("No container could be started");
});

test("a pool that nobody needed for a day after an outage begins anew: nobody hears of it, and the first pause is two seconds again", () => {
	const { clock, dispatcher, request, carryOut, outage } = pool();
	dispatcher.acquire(request(0));
	outage(2 * OUTAGE_MS);
	dispatcher.release({ session: "default/s0" });
	expect(dispatcher.dueAt()).toBeUndefined();
	clock.now += DAY_MS;
	expect(dispatcher.acquire(request(1))).toMatchObject({ message: expect.not.stringContaining("could be started") });
	expect(carryOut(false)).toBe(1);
	expect(dispatcher.dueAt()).toBe(clock.now + 2_000);
});
