import { expect, test } from "vitest";
import { backoff } from "./work.ts";

test("backoff doubles from half a second to 30 s and stays there", () => {
	const highest = [1, 2, 3, 4, 5, 6, 7, 8, 100, 10_000].map((attempts) => backoff(attempts, () => 1));
	expect(highest).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test("at most half of a backoff is left to chance", () => {
	expect(backoff(3, () => 0)).toBe(1000);
	expect(backoff(100, () => 0)).toBe(15_000);
});
