import { describe, expect, it } from "vitest";
import { type Drive, evolve, type Outcome, ordered, step, stopped } from "../../durable-objects/container/drive.ts";
import { Dispatcher } from "../../durable-objects/dispatcher/dispatcher.ts";
import { Ledger } from "../../durable-objects/dispatcher/ledger.ts";
import { DEFAULT_CONFIG } from "../../durable-objects/dispatcher/scheduler/config.ts";
import type { ContainerOrder, LeaseRequest } from "../../durable-objects/ports.ts";
import { commands, World } from "../fakes/session-world.ts";
import { memorySql } from "../fakes/sqlite.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const SLEEP_AFTER_MS = 10 * MINUTE_MS;
const CAPACITY = { cpu: 4, memory: 4_000, slots: 4 };

describe("a session costs nothing for a day", () => {
	const ways: Record<string, () => Promise<World>> = {
		"after a run that used a node": async () => {
			const world = new World(commands(["a"], ["b", "c"]));
			world.send({ text: "go" });
			return world;
		},
		"after a run that failed": async () => {
			const world = new World(() => ({ error: "The provider knows no such model." }));
			world.send({ text: "go" });
			return world;
		},
		"after a run that was cancelled while it waited for a node": async () => {
			const world = new World(commands(["a"]));
			world.full = true;
			world.send({ text: "go" });
			await world.until(() => world.reactor.state.waitingFor !== undefined);
			world.cancel();
			return world;
		},
		"after its memory was lost": async () => {
			const world = new World(commands(["a"]));
			world.send({ text: "go" });
			await world.until(() => world.reports.at(-1)?.run.phase === "Succeeded");
			world.crash();
			world.ring();
			return world;
		},
	};

	it.each(Object.entries(ways))("%s", async (_, begin) => {
		const world = await begin();
		await world.settle();
		const { now, modelCalls, events } = world;
		expect(world.reactor.state.run).toBeUndefined();
		await world.settle(now + DAY_MS);
		// With an alarm the clock would have been turned to it.
		expect([world.alarmAt, world.now, world.modelCalls, world.events.length]).toEqual([undefined, now, modelCalls, events.length]);
		expect(world.reactor.state.lease).toBeUndefined();
		expect(world.released).toBeGreaterThanOrEqual(world.leases);
	});
});

it("a pool whose sessions have gone stops its containers once they have slept long enough, and then has nothing to do for a day", () => {
	let now = 0;
	let ids = 0;
	const id = () => String(++ids);
	const containers = {
		max: 3,
		min: 0,
		sleepAfterMs: SLEEP_AFTER_MS,
		keepUnsavedForMs: 3_600_000,
		capacity: CAPACITY,
		labels: {},
		taints: [],
	};
	const dispatcher = new Dispatcher({
		ledger: new Ledger(memorySql()),
		scheduler: DEFAULT_CONFIG,
		containers,
		now: () => now,
		id,
		suffix: id,
	});
	const running = new Map<string, number>();
	let seconds = 0;
	/** The platform does at once what is ordered. */
	const carryOut = () => {
		for (const { name, order } of dispatcher.pool.orders()) {
			dispatcher.containers.ordered(name, order?.kind ?? "start");
			if (order?.kind === "start") {
				running.set(name, now);
				const machine = { uid: name, incarnation: 1, version: "1", os: "linux", arch: "amd64", labels: {}, capacity: CAPACITY };
				dispatcher.nodes.joined({ name, source: "container", ...machine });
			} else {
				seconds += (now - (running.get(name) ?? now)) / 1000;
				running.delete(name);
				dispatcher.nodes.replaced(name, 1);
			}
		}
	};
	const session = (n: number): LeaseRequest => ({
		...{ session: `default/s${n}`, namespace: "default", requests: { cpu: 2, memory: 1 }, nodeSelector: {} },
	});
	for (let n = 0; n < 5; n++) dispatcher.acquire(session(n));
	carryOut();
	expect([running.size, dispatcher.pool.ledger.queueLength()]).toEqual([3, 0]);
	for (const { session, id: lease } of [...dispatcher.pool.ledger.leases()]) dispatcher.release({ session, lease });
	// One that waits for what will never come, and gives up.
	dispatcher.acquire({ ...session(9), nodeSelector: { gpu: "yes" } });
	dispatcher.release({ session: "default/s9" });

	const ticks: number[] = [];
	for (let due = dispatcher.dueAt(); due !== undefined && due <= DAY_MS; due = dispatcher.dueAt()) {
		now = Math.max(now + 1, due);
		ticks.push(now);
		dispatcher.tick();
		carryOut();
	}
	expect([...running.keys()]).toEqual([]);
	expect(dispatcher.records()).toEqual([]);
	expect(dispatcher.dueAt()).toBeUndefined();
	expect(ticks.length).toBeLessThanOrEqual(3);
	expect(seconds).toBeLessThanOrEqual((3 * (SLEEP_AFTER_MS + 1_000)) / 1000);
});

it("a container that was stopped is not looked at again, and none is started in its place", () => {
	const order: ContainerOrder = { name: "c", capacity: CAPACITY, labels: {} };
	let now = 0;
	let running = false;
	const done: string[] = [];
	let drive: Drive | undefined = ordered(undefined, order, "key", now);
	/** Turns the clock from one look to the next. */
	const pass = (until: number) => {
		while (drive && drive.at <= until) {
			now = Math.max(now, drive.at);
			const wanted = step(drive, now);
			if (!wanted) throw new Error(`an alarm at ${now} finds nothing to do`);
			done.push(wanted);
			if (wanted === "start") running = true;
			const ready = { name: "c", uid: "u", version: "1", incarnation: 1, startedAt: 0 };
			const outcomes: Record<typeof wanted, Outcome> = {
				start: { of: "start" },
				look: { of: "look", look: { running, ready }, healthy: true, busy: false },
				stop: { of: "stop", running },
			};
			const next = evolve(drive, outcomes[wanted], now, "next");
			if (next.effects.some(({ type }) => type === "destroy")) running = false;
			drive = next.drive;
		}
		now = until;
	};
	pass(MINUTE_MS);
	expect([drive?.phase, running]).toEqual(["up", true]);
	drive = drive && stopped(drive, now);
	// It takes its time to go, and is made to in the end.
	pass(2 * MINUTE_MS);
	expect([drive, running]).toEqual([undefined, false]);
	const before = done.length;
	pass(DAY_MS);
	expect(done.length).toBe(before);
});
