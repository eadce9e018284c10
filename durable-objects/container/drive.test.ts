import { describe, expect, it } from "vitest";
import type { ContainerOrder } from "../ports.ts";
import { busy, DEAF_MS, type Drive, type Driven, evolve, type Look, type Outcome, ordered, step, stopped } from "./drive.ts";

const ORDER: ContainerOrder = { name: "c", capacity: { cpu: 1, memory: 1, slots: 1 }, labels: {} };
const READY = { name: "c", uid: "u1", version: "1", startedAt: 0 };

/** A node's container over time: the platform is played by the test. */
class World {
	now = 0;
	drive: Drive | undefined = ordered(undefined, ORDER, "key-0", 0);
	readonly effects: Driven["effects"] = [];
	#keys = 0;

	step() {
		return this.drive && step(this.drive, this.now);
	}

	/** Something came of a step. */
	came(outcome: Outcome): Driven["effects"] {
		if (!this.drive) throw new Error("there is no container");
		const { drive, effects } = evolve(this.drive, outcome, this.now, `key-${++this.#keys}`);
		this.drive = drive;
		this.effects.push(...effects);
		return effects;
	}

	look(look: Look, more: { healthy?: boolean; heardAt?: number; busy?: boolean } = {}) {
		return this.came({ of: "look", look, healthy: false, busy: false, ...more });
	}

	/** To the next time at which something is due. */
	sleep(): void {
		this.now = Math.max(this.now, this.drive?.at ?? this.now);
	}

	/** Looks, as often as is due, for so long. */
	lookFor(ms: number, look: Look, more = {}): void {
		for (const end = this.now + ms; this.now < end && this.drive && this.drive.phase !== "starting"; this.sleep()) this.look(look, more);
	}

	up(): this {
		this.came({ of: "start" });
		this.look({ running: true, ready: READY });
		this.sleep();
		this.look({ running: true, ready: READY }, { healthy: true });
		this.effects.length = 0;
		return this;
	}
}

describe("a start", () => {
	it("is over when the runtime answers, and the runtime is dialled", () => {
		const world = new World();
		expect(world.step()).toBe("start");
		world.came({ of: "start" });
		expect(world.step()).toBe("look");
		expect(world.look({ running: true, error: "The container is not listening" })).toEqual([]);
		world.sleep();
		expect(world.look({ running: true, ready: READY })).toEqual([{ type: "dial" }]);
		expect(world.drive).toMatchObject({ phase: "up", uid: "u1" });
	});

	it("that is slow is not killed: 9 s without an answer is nothing, nor are 50 s while it runs", () => {
		const world = new World();
		world.came({ of: "start" });
		world.lookFor(50_000, { running: true, error: "The container is not listening" });
		expect(world.effects).toEqual([]);
		expect(world.look({ running: true, ready: READY })).toEqual([{ type: "dial" }]);
	});

	it("that never answers is given up after a minute, or half of it when nobody knows whether it runs", () => {
		for (const [look, ms] of [
			[{ running: true, error: "silent" }, 60_000],
			[{ error: "The container service is unreachable" }, 30_000],
		] as const) {
			const world = new World();
			world.came({ of: "start" });
			world.lookFor(300_000, look);
			expect(world.effects).toEqual([{ type: "destroy" }]);
			expect(world.now).toBeGreaterThanOrEqual(ms);
			expect(world.now).toBeLessThan(ms + 3_000);
		}
	});

	it.each([
		"There is no container instance that can be provided to this Durable Object",
		"you are requesting too many containers per second",
		"Network connection lost.",
		"something that nobody has seen before",
	])("that fails is tried again later, each time with another key, and given up the third time: %s", (error) => {
		const world = new World();
		const waits: number[] = [];
		for (let start = 1; start < 3; start++) {
			expect(world.came({ of: "start", error })).toEqual([{ type: "destroy" }]);
			expect(world.step()).toBeUndefined();
			waits.push((world.drive?.at ?? 0) - world.now);
			world.sleep();
		}
		expect(waits[1]).toBeGreaterThan(waits[0] ?? 0);
		expect(world.came({ of: "start", error })).toEqual([{ type: "destroy" }, { type: "failed", message: error, final: false }]);
		expect(world.drive).toBeUndefined();
	});

	it.each([
		"Invalid container instance type: basic",
		"Container exceeds account limits",
		'Snapshot "s1" was not found',
		"No such image: klaw",
	])("that can never succeed is not tried again: %s", (error) => {
		const world = new World();
		expect(world.came({ of: "start", error })).toContainEqual({ type: "failed", message: error, final: true });
	});

	it("that fails is explained with the container's own last words", () => {
		const world = new World();
		for (let start = 0; start < 3; start++) {
			world.sleep();
			world.came({ of: "start" });
			world.look({ running: true, failure: "The data directory cannot be used.\nline 1\nline 2" });
		}
		expect(world.effects.at(-1)).toEqual({ type: "failed", message: "The data directory cannot be used.\nline 1\nline 2", final: false });
	});

	it("is asked for once, however often it is ordered", () => {
		const world = new World();
		world.came({ of: "start" });
		if (world.drive) expect(ordered(world.drive, ORDER, "other", 5)).toBe(world.drive);
	});
});

describe("a container that is up", () => {
	it("is looked at each minute, and four times as often while it has calls", () => {
		const world = new World().up();
		expect((world.drive?.at ?? 0) - world.now).toBe(60_000);
		if (world.drive) expect(busy(world.drive, world.now).at - world.now).toBe(15_000);
		world.look({ running: true, ready: READY }, { healthy: true, busy: true });
		expect((world.drive?.at ?? 0) - world.now).toBe(15_000);
	});

	it("that has ended is replaced at once", () => {
		const world = new World().up();
		expect(world.look({ running: false })).toEqual([{ type: "destroy" }, { type: "replaced", why: expect.any(String) }]);
		expect(world.drive).toBeUndefined();
	});

	it("that is alive and deaf is replaced, although it answers that it is ready", () => {
		const world = new World().up();
		const since = world.now;
		world.lookFor(600_000, { running: true, ready: READY });
		expect(world.effects.slice(-2)).toEqual([{ type: "destroy" }, { type: "replaced", why: expect.any(String) }]);
		expect(world.effects.filter(({ type }) => type === "dial").length).toBeGreaterThan(3);
		expect(world.now - since).toBeLessThan(DEAF_MS + 5_000);
	});

	it.each<[string, number | undefined, string]>([
		["since it was last heard", -29_000, "did not speak for 55 s."],
		["at least, where nobody remembers when that was", undefined, "did not speak for at least 26 s."],
	])("that is replaced for its silence was silent for as long as is said: %s", (_, ago, said) => {
		const world = new World().up();
		world.look({ running: true }, ago === undefined ? {} : { heardAt: world.now + ago });
		// The connections that are opened after that are heard of no more.
		world.lookFor(600_000, { running: true });
		expect(world.effects.at(-1)).toEqual({ type: "replaced", why: expect.stringContaining(said) });
	});

	it("whose connection was lost is dialled again, and forgiven when it speaks", () => {
		const world = new World().up();
		expect(world.look({ running: true, ready: READY })).toEqual([{ type: "dial" }]);
		world.sleep();
		world.look({ running: true, ready: READY }, { healthy: true });
		world.now += 10 * DEAF_MS;
		expect(world.look({ running: true, ready: READY })).toEqual([{ type: "dial" }]);
	});

	it("is not taken for deaf by an object that has slept: the silence is counted from its first look", () => {
		const world = new World().up();
		world.now += 3_600_000;
		expect(world.look({ running: true, error: "timeout" })).toEqual([{ type: "dial" }]);
	});

	it("is another machine when another runtime answers", () => {
		const world = new World().up();
		expect(world.look({ running: true, ready: { ...READY, uid: "u2" } }, { healthy: true })).toContainEqual({
			type: "replaced",
			why: expect.any(String),
		});
	});
});

describe("a stop", () => {
	const stopping = () => {
		const world = new World().up();
		if (world.drive) world.drive = stopped(world.drive, world.now);
		return world;
	};

	it("asks the container to end, waits for it, and clears it away", () => {
		const world = stopping();
		expect(world.step()).toBe("stop");
		expect(world.came({ of: "stop", running: true })).toEqual([]);
		world.sleep();
		expect(world.came({ of: "stop", running: false })).toEqual([{ type: "destroy" }]);
		expect(world.drive).toBeUndefined();
	});

	it("ends in force when the container does not", () => {
		const world = stopping();
		for (const end = world.now + 11_000; world.now < end && world.drive; world.sleep()) world.came({ of: "stop", running: true });
		expect(world.effects).toEqual([{ type: "destroy" }]);
	});

	it("is followed by the start that was ordered meanwhile", () => {
		const world = stopping();
		if (world.drive) world.drive = ordered(world.drive, { ...ORDER, labels: { a: "b" } }, "unused", world.now);
		world.came({ of: "stop", running: false });
		expect(world.drive).toMatchObject({ phase: "starting", order: { labels: { a: "b" } }, failures: 0 });
	});

	it("is what counts when a look comes back late", () => {
		const world = stopping();
		expect(world.look({ running: false })).toEqual([]);
		expect(world.drive).toMatchObject({ phase: "stopping" });
	});
});

describe("whatever comes of a step", () => {
	const held = { order: ORDER, key: "key-0", at: 0 };
	const drives: Drive[] = [
		{ phase: "starting", ...held, failures: 0 },
		{ phase: "booting", ...held, failures: 0, since: 0 },
		{ phase: "up", ...held, uid: "u1" },
		{ phase: "stopping", ...held, since: 0 },
		{ phase: "stopping", ...held, since: 0, next: ORDER },
	];
	const looks: Look[] = [{}, { running: true }, { running: true, ready: READY }, { running: false }, { failure: "no" }, { error: "no" }];
	const outcomes: Outcome[] = [
		{ of: "start" },
		{ of: "start", error: "no" },
		{ of: "stop", running: true },
		{ of: "stop", running: false },
		...looks.flatMap((look): Outcome[] => [true, false].map((healthy) => ({ of: "look", look, healthy, busy: false }))),
	];

	it.each(drives)("nothing is due again at once in the same phase: $phase", (drive) => {
		for (const outcome of outcomes) {
			const { drive: next } = evolve(drive, outcome, 1_000, "key-1");
			if (next?.phase === drive.phase) expect(step(next, 1_000), JSON.stringify(outcome)).toBeUndefined();
		}
	});
});
