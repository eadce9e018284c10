import { describe, expect, it } from "vitest";
import { RETRIES, retryDelay } from "./retry.ts";

const failed = { retryable: true, retryAfterMs: undefined };
const minutes = (n: number) => n * 60_000;

describe("a failed model call", () => {
	it.each([
		{ attempt: 1, random: 0, delay: 1_000 },
		{ attempt: 2, random: 0, delay: 2_000 },
		{ attempt: 3, random: 0, delay: 4_000 },
		{ attempt: 1, random: 0.5, delay: 1_125 },
		{ attempt: 3, random: 0.999, delay: 4_999 },
	])("is repeated $delay ms after try $attempt when chance says $random", ({ attempt, random, delay }) => {
		expect(retryDelay({ attempt, error: failed, random: () => random })).toBe(delay);
	});

	it("is repeated three times and no more", () => {
		expect(RETRIES).toBe(3);
		expect(retryDelay({ attempt: 4, error: failed, random: () => 0 })).toBeUndefined();
	});

	it("is not repeated when repeating it changes nothing", () => {
		expect(retryDelay({ attempt: 1, error: { retryable: false, retryAfterMs: 1_000 }, random: () => 0 })).toBeUndefined();
	});

	it.each([
		{ asked: 500, delay: 1_000, why: "the backoff is longer" },
		{ asked: 5_000, delay: 5_000, why: "the provider asks for longer" },
		{ asked: minutes(2), delay: minutes(2), why: "the cap does not bind the provider" },
		{ asked: minutes(10), delay: minutes(10), why: "ten minutes are still waited for" },
	])("waits $delay ms when asked to wait $asked ms: $why", ({ asked, delay }) => {
		expect(retryDelay({ attempt: 1, error: { retryable: true, retryAfterMs: asked }, random: () => 0 })).toBe(delay);
	});

	it("is given up at once when the provider asks for more than ten minutes", () => {
		expect(retryDelay({ attempt: 1, error: { retryable: true, retryAfterMs: minutes(10) + 1 }, random: () => 0 })).toBeUndefined();
	});

	it("never comes back before the provider allows it, whatever chance says", () => {
		for (const random of [0, 0.25, 0.5, 0.75, 0.999]) {
			const delay = retryDelay({ attempt: 2, error: { retryable: true, retryAfterMs: 7_000 }, random: () => random });
			expect(delay).toBeGreaterThanOrEqual(7_000);
			expect(delay).toBeLessThanOrEqual(7_500);
		}
	});
});
