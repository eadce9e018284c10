import { expect, test } from "vitest";
import { DenialLimit } from "./denial-limit.ts";

test("sixty denials of a user are recorded in a minute, and the next one says how many were not", () => {
	const limit = new DenialLimit();
	const recorded = Array.from({ length: 100 }, (_, i) => limit.take("eve", 1_000 + i)).filter(({ record }) => record);
	expect(recorded).toHaveLength(60);
	expect(limit.take("eve", 61_000)).toEqual({ record: true, passedOver: 40 });
	expect(limit.take("eve", 61_001)).toEqual({ record: true, passedOver: 0 });
});

test("one user's denials do not keep another's from the record", () => {
	const limit = new DenialLimit();
	for (let i = 0; i < 100; i++) limit.take("eve", 1_000);
	expect(limit.take("ann", 1_000)).toEqual({ record: true, passedOver: 0 });
});

test("users are forgotten before they are too many", () => {
	const limit = new DenialLimit();
	for (let i = 0; i < 60; i++) limit.take("eve", 1_000);
	expect(limit.take("eve", 1_000).record).toBe(false);
	for (let i = 0; i < 1_000; i++) limit.take(`user-${i}`, 1_000);
	expect(limit.take("eve", 1_000).record).toBe(true);
});
