import { expect, test } from "vitest";
import { duration, parseDuration, parseQuantity, quantity } from "./quantity.ts";

test.each([
	["500m", 0.5],
	["2", 2],
	["1.5", 1.5],
	["128Mi", 134_217_728],
	["1G", 1e9],
	["1Ki", 1024],
])("%s is %d", (text, value) => {
	expect(parseQuantity(text)).toBe(value);
	expect(quantity.parse(text)).toBe(text);
});

test("a number is a quantity too", () => {
	expect(quantity.parse(2)).toBe("2");
});

test.each(["", "x", "-1", "1mi", "1 Gi", "1e3", "Mi"])("%j is no quantity", (text) => {
	expect(quantity.safeParse(text).success).toBe(false);
	expect(() => parseQuantity(text)).toThrow(`"${text}" is not a quantity such as 500m, 2 or 128Mi`);
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
