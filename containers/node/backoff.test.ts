import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

describe("backoffMs", () => {
	it("doubles its upper bound with each try until the longest wait", () => {
		const bounds = [0, 1, 2, 5, 10, 11, 50, 5_000].map((attempt) => backoffMs(attempt, 200, 300_000, () => 1));
		expect(bounds).toEqual([200, 400, 800, 6_400, 204_800, 300_000, 300_000, 300_000]);
	});

	it("spreads the wait over all of it, so that nodes do not come back in step", () => {
		expect(backoffMs(3, 200, 300_000, () => 0)).toBe(0);
		expect(backoffMs(3, 200, 300_000, () => 0.25)).toBe(400);
	});
});
