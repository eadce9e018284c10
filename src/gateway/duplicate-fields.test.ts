import fc from "fast-check";
import { expect, test } from "vitest";
import { duplicateFields } from "./duplicate-fields.ts";

test.each([
	['{"a":1,"a":2}', ["a"]],
	['{"spec":{"model":"a","x":[],"model":"b"}}', ["spec.model"]],
	['{"a":[{"b":1},{"b":1,"c":2,"c":3}]}', ["a[1].c"]],
	['{"a":{"b":1},"c":{"b":1}}', []],
	['{"a":"a","b":"a"}', []],
	['{"a\\u0062":1,"ab":2}', ["ab"]],
	['{"a":"\\"a\\":1,","b":1}', []],
	['{"a":{},"b":[],"a":1}', ["a"]],
	["[[1,2],[1,2]]", []],
	['"text"', []],
])("%s has twice %j", (json, fields) => {
	expect(duplicateFields(json)).toEqual(fields);
});

test("what JSON.stringify writes has nothing twice", () => {
	fc.assert(
		fc.property(fc.json(), (json) => {
			expect(duplicateFields(JSON.stringify(JSON.parse(json)))).toEqual([]);
		}),
	);
});

test("megabytes are read without recursion", () => {
	const depth = 100_000;
	expect(duplicateFields(`${"[".repeat(depth)}${"]".repeat(depth)}`)).toEqual([]);
	expect(duplicateFields(JSON.stringify({ a: '\\"'.repeat(500_000) }))).toEqual([]);
});
