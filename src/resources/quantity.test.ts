import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalQuantity, duration, formatQuantity, parseDuration, parseQuantity, quantity } from "./quantity.ts";

test.each([
	["500m", 0.5],
	["2", 2],
	["1.5", 1.5],
	["128Mi", 134_217_728],
	["1G", 1e9],
	["1Ki", 1024],
	["2Ei", 2 ** 61],
	["100n", 1e-7],
	["1e3", 1000],
	["5E", 5e18],
	[".5", 0.5],
	["1.", 1],
	["+1", 1],
])("%s is %d", (text, value) => {
	expect(parseQuantity(text)).toBe(value);
	expect(quantity.parse(text)).toBe(text);
});

test("a number is a quantity too", () => {
	expect(quantity.parse(2)).toBe("2");
});

test.each(["", "x", "-1", "1mi", "1 Gi", "1e", "Mi", ".", "1.2.3", "e3"])("%j is no quantity", (text) => {
	expect(quantity.safeParse(text).success).toBe(false);
	expect(() => parseQuantity(text)).toThrow(`"${text}" is not a quantity such as 500m, 2 or 128Mi`);
});

test.each([
	["1000m", "1"],
	["0.5", "500m"],
	["1500m", "1500m"],
	["1024Mi", "1Gi"],
	["1536Mi", "1536Mi"],
	["512Ki", "512Ki"],
	["1000Ki", "1000Ki"],
	["0.5Gi", "512Mi"],
	["1000000", "1M"],
	["1e3", "1k"],
	["0", "0"],
	["0Mi", "0"],
	["250u", "250u"],
	["1n", "1n"],
])("%s is served as %s", (text, canonical) => {
	expect(canonicalQuantity(text)).toBe(canonical);
});

test("a sum has no noise of its addition", () => {
	expect(formatQuantity(0.1 + 0.2)).toBe("300m");
});

test("a number as a quantity is the same number", () => {
	fc.assert(
		fc.property(fc.integer({ min: 0, max: 1e14 }), fc.constantFrom("decimal" as const, "binary" as const), (value, units) => {
			expect(parseQuantity(formatQuantity(value, units))).toBe(value);
			expect(parseQuantity(formatQuantity(value / 1000, units))).toBe(value / 1000);
		}),
	);
});

test.each([
	["90s", 90_000],
	["30m", 1_800_000],
	["1h30m", 5_400_000],
	["250ms", 250],
	["1.5h", 5_400_000],
])("%s is %d ms", (text, ms) => {
	expect(parseDuration(text)).toBe(ms);
});

test.each(["", "90", "0s", "-1s", "soon", "1d"])("%j is no duration for a deadline", (text) => {
	expect(duration.safeParse(text).success).toBe(false);
});
