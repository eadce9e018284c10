import { describe, expect, it } from "vitest";
import { RETRY_MAX_MS, remembered, type StartFailures, withFailure } from "./start-failures.ts";

const DAY_MS = 86_400_000;
const failure = { message: "There is no instance.", final: false };

/** Failures one after the other, each of a start that was made as soon as it might be. */
function outage(failures: number, from = 0): { stored: StartFailures; pauses: number[] } {
	let stored: StartFailures | undefined;
	const pauses: number[] = [];
	for (let n = 0; n < failures; n++) {
		const orderedAt = stored?.notBefore ?? from;
		stored = withFailure(stored, { ...failure, orderedAt }, orderedAt);
		pauses.push(stored.notBefore - orderedAt);
	}
	if (!stored) throw new Error("nothing failed");
	return { stored, pauses };
}

describe("the pause after starts that failed", () => {
	it("doubles from two seconds to five minutes", () => {
		expect(outage(11).pauses).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000]);
	});

	it("is two seconds again when the next failure comes a day later", () => {
		const { stored } = outage(1_000);
		const now = stored.notBefore + DAY_MS;
		expect(remembered(stored, now)).toBeUndefined();
		expect(withFailure(stored, { ...failure, orderedAt: now }, now)).toMatchObject({ count: 1, notBefore: now + 2_000 });
	});

	it("shrinks for each five minutes in which nobody tried", () => {
		const { stored } = outage(12);
		const steps = [0, 1, 2, 3, 4].map((times) => remembered(stored, stored.notBefore + times * RETRY_MAX_MS)?.count);
		expect(steps).toEqual([9, 4, 2, 1, undefined]);
	});

	it("goes one step for starts that were under way together", () => {
		const starts = [0, 0, 5, 10].map((orderedAt) => ({ ...failure, orderedAt }));
		let stored: StartFailures | undefined;
		for (const [index, start] of starts.entries()) stored = withFailure(stored, start, 100 + index);
		expect(stored).toMatchObject({ count: 1, notBefore: 100 + 2_000 });
		const after = withFailure(stored, { ...failure, orderedAt: 2_100 }, 2_200);
		expect(after).toMatchObject({ count: 2, notBefore: 2_200 + 4_000 });
		// One of the first ones that took longer.
		expect(withFailure(after, { ...failure, orderedAt: 10 }, 2_300)).toMatchObject({ count: 2, notBefore: after.notBefore });
	});

	it("is five minutes after one that no repetition mends, also when it was under way with others", () => {
		const first = withFailure(undefined, { ...failure, orderedAt: 0 }, 100);
		expect(withFailure(first, { ...failure, final: true, orderedAt: 0 }, 200)).toMatchObject({ count: 1, notBefore: 200 + RETRY_MAX_MS });
	});

	it("is kept as a dispatcher of before noted it", () => {
		const { at: _, ...older } = outage(3).stored;
		expect(remembered(older, older.notBefore - 1)).toEqual({ ...outage(3).stored });
	});

	it("is void when it was noted by a clock that was ahead", () => {
		const { stored } = outage(3, DAY_MS);
		expect(remembered(stored, 0)).toBeUndefined();
	});
});
