import { expect, it } from "vitest";
import { sortBy } from "./sort.ts";

const sorted = (values: unknown[], field = ".v") =>
	sortBy(
		values.map((v) => ({ v })),
		field,
		(item) => item,
	).map(({ v }) => v);

it.each([
	[
		[10, 9, 2],
		[2, 9, 10],
	],
	[
		["b", "a10", "a2"],
		["a10", "a2", "b"],
	],
	[
		["10", "9"],
		["9", "10"],
	],
	[
		["1Gi", "500Mi", "2G"],
		["500Mi", "1Gi", "2G"],
	],
	[
		["2026-02-01T00:00:00Z", "2025-12-01T00:00:00Z"],
		["2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z"],
	],
	[
		[true, false],
		[false, true],
	],
	[
		[3, undefined, 1],
		[undefined, 1, 3],
	],
])("%j is sorted to %j", (values, expected) => {
	expect(sorted(values)).toEqual(expected);
});

it("a field that no object has is refused in kubectl's words", () => {
	expect(() => sorted([1], "nope.deeper")).toThrow('couldn\'t find any field with path "{.nope.deeper}" in the list of objects');
	expect(sorted([])).toEqual([]);
});
