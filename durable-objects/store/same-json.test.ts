import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/resources/digest.ts";
import { sameJson } from "./same-json.ts";

describe("two values are the same", () => {
	test.each([
		["with their fields in another order", { a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 }],
		["with a field that is undefined", { a: 1, b: undefined }, { a: 1 }],
		["with another field that is undefined", { a: 1, b: undefined }, { c: undefined, a: 1 }],
		["with names that every object has", { constructor: "a" }, { constructor: "a" }],
	])("%s", (_, a, b) => {
		expect(sameJson(a, b)).toBe(true);
		expect(sameJson(b, a)).toBe(true);
	});
});

describe("two values are not the same", () => {
	test.each<[string, unknown, unknown]>([
		["with a field more", { a: 1 }, { a: 1, b: 2 }],
		["with another value deep inside", { a: [{ b: "x" }] }, { a: [{ b: "y" }] }],
		["with their items in another order", [1, 2], [2, 1]],
		["with an item more", [1], [1, undefined]],
		["as an object and a list", { 0: "a" }, ["a"]],
		["as nothing and null", {}, { a: null }],
		["as null and an object", null, {}],
		["as a number and its text", 1, "1"],
		["with a name that every object has", {}, { constructor: "a" }],
	])("%s", (_, a, b) => {
		expect(sameJson(a, b)).toBe(false);
		expect(sameJson(b, a)).toBe(false);
	});
});

test("values are the same exactly when their canonical texts are", () => {
	const value = fc.jsonValue({ maxDepth: 3 });
	fc.assert(
		fc.property(value, value, (a, b) => {
			expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
			expect(sameJson(a, JSON.parse(canonicalJson(a)))).toBe(true);
		}),
	);
});
