import { beforeEach, describe, expect, test } from "vitest";
import { Delivery, RECOVERY_MS } from "./delivery.ts";
import { Lanes } from "./lanes.ts";
import type { QueuedWork } from "./work.ts";

/** The queue, the alarm and the clock as plain data; `tell` is what each test makes of it. */
class World {
	now = 1_000_000;
	alarm: number | undefined;
	items: QueuedWork[] = [];
	told: string[] = [];
	down = false;
	tell = async (_: QueuedWork): Promise<void> => undefined;
	readonly delivery: Delivery;

	constructor() {
		this.delivery = new Delivery({
			queue: {
				head: (session) => this.#heads().find(({ work }) => work.session === session),
				due: (now, limit) =>
					this.#heads()
						.filter(({ nextAt }) => nextAt <= now)
						.slice(0, limit),
				nextAt: () =>
					this.#heads()
						.map(({ nextAt }) => nextAt)
						.sort((a, b) => a - b)[0],
			},
			lanes: new Lanes(),
			alarm: {
				noLaterThan: (at) => {
					this.alarm = Math.min(at, this.alarm ?? at);
				},
				set: (at) => {
					this.alarm = at;
				},
			},
			tell: async (item) => {
				if (this.down) throw new Error("down");
				await this.tell(item);
				this.told.push(`${item.work.session}:${item.id}`);
				this.items = this.items.filter(({ id }) => id !== item.id);
			},
			failed: (item, _, nextAt) => {
				this.items = this.items.map((one) => (one.id === item.id ? { ...one, attempts: one.attempts + 1, nextAt } : one));
			},
			now: () => this.now,
			random: () => 1,
		});
	}

	add(session: string): number {
		const id = (this.items.at(-1)?.id ?? 0) + 1;
		this.delivery.expect();
		this.items.push({ id, work: { type: "remove", session, uid: "u" }, attempts: 0, nextAt: this.now });
		return id;
	}

	/** The alarm goes off. */
	async ring(): Promise<void> {
		this.now = Math.max(this.now, this.alarm ?? this.now);
		this.alarm = undefined;
		this.delivery.expect();
		this.delivery.pump();
		await this.delivery.idle();
	}

	#heads(): QueuedWork[] {
		return this.items.filter(({ id, work }) => !this.items.some((other) => other.work.session === work.session && other.id < id));
	}
}

let world: World;
beforeEach(() => {
	world = new World();
});

test("a session is told in order, and then no alarm is left", async () => {
	for (let i = 0; i < 3; i++) world.add("a");
	expect(world.alarm).toBe(world.now + RECOVERY_MS);
	await world.delivery.push("a");
	expect(world.told).toEqual(["a:1", "a:2", "a:3"]);
	await world.delivery.idle();
	expect(world.alarm).toBeUndefined();
});

test("work that was left by a crash is told by the next alarm", async () => {
	world.add("a");
	world.add("b");
	await world.ring();
	expect(world.told.toSorted()).toEqual(["a:1", "b:2"]);
	expect(world.alarm).toBeUndefined();
});

test("during an outage it backs off, the alarm stands at the next attempt, and afterwards everything is told", async () => {
	world.down = true;
	world.add("a");
	await world.delivery.push("a");
	await world.delivery.idle();
	const waits: number[] = [];
	for (let i = 0; i < 12; i++) {
		waits.push((world.alarm ?? 0) - world.now);
		await world.ring();
	}
	expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, ...Array(6).fill(30_000)]);
	expect(world.items[0]?.attempts).toBe(13);
	world.down = false;
	await world.ring();
	expect(world.told).toEqual(["a:1"]);
	expect(world.alarm).toBeUndefined();
});

test("a session that cannot be told holds up no other", async () => {
	world.tell = async ({ work }) => {
		if (work.session === "bad") throw new Error("bad");
	};
	world.add("bad");
	world.add("good");
	await world.ring();
	expect(world.told).toEqual(["good:2"]);
	expect(world.alarm).toBe(world.now + 500);
});

test("what comes while a session is being told is told after it, once", async () => {
	const gate = Promise.withResolvers<void>();
	world.tell = () => gate.promise;
	world.add("a");
	const first = world.delivery.push("a");
	world.add("a");
	const second = world.delivery.push("a");
	world.delivery.pump();
	gate.resolve();
	await Promise.all([first, second]);
	await world.delivery.idle();
	expect(world.told).toEqual(["a:1", "a:2"]);
	expect(world.alarm).toBeUndefined();
});

test("a backlog of many sessions is told a bounded number at a time, and all of it", async () => {
	let now = 0;
	let most = 0;
	world.tell = async () => {
		most = Math.max(most, ++now);
		await Promise.resolve();
		now--;
	};
	for (let i = 0; i < 500; i++) world.add(`s${i}`);
	await world.ring();
	expect(world.told).toHaveLength(500);
	expect(most).toBeLessThanOrEqual(64);
});

describe("a direct message", () => {
	test("waits for what its session is being told", async () => {
		const gate = Promise.withResolvers<void>();
		world.tell = () => gate.promise;
		world.add("a");
		const push = world.delivery.push("a");
		const direct = world.delivery.direct("a", async () => world.told.push("direct"));
		gate.resolve();
		await Promise.all([push, direct]);
		expect(world.told).toEqual(["a:1", "direct"]);
	});

	test("holds work back, which is started when it ends, and no alarm waits for it", async () => {
		const gate = Promise.withResolvers<void>();
		const direct = world.delivery.direct("a", () => gate.promise);
		world.add("a");
		world.delivery.pump();
		expect(world.told).toEqual([]);
		expect(world.alarm).toBe(world.now + RECOVERY_MS);
		await world.delivery.idle();
		gate.resolve();
		await direct;
		await world.delivery.idle();
		expect(world.told).toEqual(["a:1"]);
	});

	test("that fails lets the next one through", async () => {
		await expect(world.delivery.direct("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
		expect(await world.delivery.direct("a", async () => "yes")).toBe("yes");
	});
});
