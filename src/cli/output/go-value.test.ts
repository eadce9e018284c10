import { expect, it } from "vitest";
import { goValue } from "./go-value.ts";

it.each([
	[null, "<nil>"],
	[undefined, "<nil>"],
	["a b", "a b"],
	[true, "true"],
	[[1, "x", [2]], "[1 x [2]]"],
	[{ b: { c: null }, a: [] }, "map[a:[] b:map[c:<nil>]]"],
	[12345678, "12345678"],
	[0.5, "0.5"],
	[1234567.5, "1.2345675e+06"],
	[0.00001, "1e-05"],
])("%j is shown as %s", (value, expected) => {
	expect(goValue(value)).toBe(expected);
});
