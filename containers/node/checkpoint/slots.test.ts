import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Slots } from "./slots.ts";
import { Turns } from "./turns.ts";

const never = new AbortController().signal;

describe("slots", () => {
	it("are never used by more at once, and are all free again in the end, whoever leaves", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ ticks: fc.nat(5), leaves: fc.option(fc.nat(5), { nil: undefined }), fails: fc.boolean() }), { maxLength: 20 }),
				async (users) => {
					const slots = new Slots(3);
					let [now, most] = [0, 0];
					await Promise.allSettled(
						users.map(async ({ ticks, leaves, fails }) => {
							const stop = new AbortController();
							const used = slots.use(stop.signal, async () => {
								most = Math.max(most, ++now);
								for (let tick = 0; tick < ticks; tick++) await null;
								now--;
								if (fails) throw new Error("failed");
							});
							for (let tick = 0; tick < (leaves ?? 0); tick++) await null;
							if (leaves !== undefined) stop.abort(new Error("left"));
							await used;
						}),
					);
					expect(most).toBeLessThanOrEqual(3);
					const done: number[] = [];
					await Promise.all([1, 2, 3].map((id) => slots.use(never, async () => done.push(id))));
					expect(done).toEqual([1, 2, 3]);
				},
			),
		);
	});
});

describe("turns", () => {
	const turn = (signal = never, failed: (message: string) => void = () => undefined) => ({ workspace: "w", signal, failed });

	it("come one after the other in a workspace, and at once in others", async () => {
		const turns = new Turns();
		const order: string[] = [];
		let finish = (): void => undefined;
		const first = turns.take(turn(), async () => {
			await new Promise<void>((resolve) => {
				finish = resolve;
			});
			order.push("first");
		});
		const second = turns.take(turn(), async () => order.push("second"));
		await turns.take({ ...turn(), workspace: "other" }, async () => order.push("other"));
		finish();
		await Promise.all([first, second]);
		expect(order).toEqual(["other", "first", "second"]);
	});

	it("go on after one that failed and one that left", async () => {
		const turns = new Turns();
		const stop = new AbortController();
		let finish = (): void => undefined;
		const failing = turns.take(turn(), async () => {
			await new Promise<void>((resolve) => {
				finish = resolve;
			});
			throw new Error("failed");
		});
		const leaving = turns.take(turn(stop.signal), async () => "never");
		const last = turns.take(turn(), async () => "last");
		stop.abort(new Error("left"));
		await expect(leaving).rejects.toThrow("left");
		finish();
		await expect(failing).rejects.toThrow("failed");
		expect(await last).toBe("last");
	});

	it("tell everybody in the queue what holds them up, and nobody else", async () => {
		const turns = new Turns();
		const told: string[] = [];
		const tell = (who: string) => (message: string) => void told.push(`${who}: ${message}`);
		const first = turns.take(turn(never, tell("first")), async ({ failed }) => {
			failed("no");
			await null;
			failed("still no");
		});
		const second = turns.take(turn(never, tell("second")), async () => undefined);
		void turns.take({ ...turn(never, tell("other")), workspace: "other" }, async () => undefined);
		await Promise.all([first, second]);
		expect(told.sort()).toEqual(["first: no", "first: still no", "second: no", "second: still no"]);
	});
});
