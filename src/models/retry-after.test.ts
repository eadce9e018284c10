import { describe, expect, it } from "vitest";
import { retryAfter } from "./retry-after.ts";

const now = Date.parse("Sun, 22 Nov 2026 08:00:00 GMT");

describe("Retry-After", () => {
	it.each([
		["seconds", { "retry-after": "7" }, 7_000],
		["a fraction of a second", { "retry-after": "0.25" }, 250],
		["an HTTP date", { "retry-after": "Sun, 22 Nov 2026 08:00:30 GMT" }, 30_000],
		["milliseconds beside it", { "retry-after": "2", "retry-after-ms": "1500" }, 1_500],
		["a date that has passed", { "retry-after": "Sun, 22 Nov 2026 07:00:00 GMT" }, undefined],
		["zero", { "retry-after": "0" }, undefined],
		["a negative number", { "retry-after": "-5" }, undefined],
		["nonsense", { "retry-after": "soon" }, undefined],
		["nothing", {}, undefined],
	])("as %s", (_, headers, wait) => {
		expect(retryAfter(new Headers(headers as Record<string, string>), now)).toBe(wait);
	});

	it("is unknown where there are no headers", () => {
		expect(retryAfter(undefined, now)).toBeUndefined();
	});
});
