import { beforeEach, expect, test } from "vitest";
import type { Delivery, Errand } from "./delivery-queue.ts";
import { Distribution } from "./distribution.ts";

/** The queue, the alarm and the clock as plain data; `tell` is what each test makes of it. */
class World {
	now = 1_000_000;
	alarm: number | undefined;
	owed: (Delivery & { nextAt: number })[] = [];
	told: string[] = [];
	tell = async (_: Delivery): Promise<void> => undefined;
	readonly distribution = new Distribution({
		queue: {
			due: (now, limit) => this.owed.filter(({ nextAt }) => nextAt <= now).slice(0, limit),
			nextAt: () => this.owed.map(({ nextAt }) => nextAt).sort((a, b) => a - b)[0],
			done: ({ what, name, stamp }) => {
				this.owed = this.owed.filter((one) => one.what !== what || one.name !== name || one.stamp !== stamp);
			},
			failed: ({ what, name, stamp }, nextAt) => {
				this.owed = this.owed.map((one) =>
					one.what === what && one.name === name && one.stamp === stamp ? { ...one, attempts: one.attempts + 1, nextAt } : one,
				);
			},
		},
		alarm: {
			noLaterThan: (at) => {
				this.alarm = Math.min(at, this.alarm ?? at);
			},
			set: (at) => {
				this.alarm = at;
			},
		},
		tell: async (delivery) => {
			await this.tell(delivery);
			this.told.push(`${delivery.what} ${delivery.name}`);
		},
		now: () => this.now,
		random: () => 1,
	});

	order(what: Errand, name: string): void {
		this.distribution.expect();
		const known = this.owed.find((one) => one.what === what && one.name === name);
		this.owed = this.owed.filter((one) => one !== known);
		this.owed.push({ what, name, stamp: (known?.stamp ?? 0) + 1, attempts: 0, nextAt: this.now });
	}

	async push(): Promise<void> {
		this.distribution.pump();
		await this.distribution.idle();
	}
}

let world: World;
beforeEach(() => {
	world = new World();
});

test("everything that is owed is told, and then no alarm is left", async () => {
	world.order("policy", "a");
	world.order("terminate", "a");
	world.order("establish", "c");
	expect(world.alarm).toBe(world.now + 2_000);
	await world.push();
	expect(world.told.toSorted()).toEqual(["establish c", "policy a", "terminate a"]);
	expect(world.alarm).toBeUndefined();
});

test("what fails is tried again later and later, at an alarm, and holds up nothing else", async () => {
	world.tell = async ({ name }) => {
		if (name === "bad") throw new Error("down");
	};
	world.order("policy", "bad");
	world.order("policy", "good");
	const waits: number[] = [];
	for (let i = 0; i < 7; i++) {
		await world.push();
		waits.push((world.alarm ?? 0) - world.now);
		world.now = world.alarm ?? world.now;
	}
	expect(world.told).toEqual(["policy good"]);
	expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("what is ordered again while it is told is told again", async () => {
	const gate = Promise.withResolvers<void>();
	world.tell = () => gate.promise;
	world.order("policy", "a");
	world.distribution.pump();
	world.order("policy", "a");
	gate.resolve();
	await world.distribution.idle();
	expect(world.told).toEqual(["policy a", "policy a"]);
	expect(world.owed).toEqual([]);
});

test("one object is told one thing at a time, and a bounded number of objects at once", async () => {
	const lanes = new Map<string, number>();
	let most = 0;
	world.tell = async ({ name }) => {
		lanes.set(name, (lanes.get(name) ?? 0) + 1);
		expect(lanes.get(name)).toBe(1);
		most = Math.max(most, lanes.size);
		await Promise.resolve();
		lanes.delete(name);
	};
	for (let i = 0; i < 300; i++) {
		world.order("policy", `n${i}`);
		world.order("terminate", `n${i}`);
	}
	await world.push();
	expect(world.told).toHaveLength(600);
	expect(most).toBe(64);
});
