import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMergePatch, mergePatch, threeWayMergePatch } from "./merge-patch.ts";

describe("applyMergePatch", () => {
	// The examples of RFC 7386, appendix A.
	it.each([
		[{ a: "b" }, { a: "c" }, { a: "c" }],
		[{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
		[{ a: "b" }, { a: null }, {}],
		[{ a: "b", b: "c" }, { a: null }, { b: "c" }],
		[{ a: ["b"] }, { a: "c" }, { a: "c" }],
		[{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
		[{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
		[{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
		[
			["a", "b"],
			["c", "d"],
			["c", "d"],
		],
		[{ a: "b" }, ["c"], ["c"]],
		[{ a: "foo" }, null, null],
		[{ a: "foo" }, "bar", "bar"],
		[{ e: null }, { a: 1 }, { e: null, a: 1 }],
		[[1, 2], { a: "b", c: null }, { a: "b" }],
		[{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
	])("%j patched with %j is %j", (target, patch, result) => {
		expect(applyMergePatch(target, patch)).toEqual(result);
	});
});

const value = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
	value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.string(), fc.array(fc.integer(), { maxLength: 2 }), tie("map")),
	map: fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("value"), { maxKeys: 4 }),
})).map;

describe("mergePatch", () => {
	it("makes the one object of the other", () => {
		fc.assert(
			fc.property(value, value, (before, after) => {
				expect(applyMergePatch(before, mergePatch(before, after))).toEqual(after);
			}),
		);
	});

	it("of an object and itself is empty", () => {
		fc.assert(
			fc.property(value, (object) => {
				expect(mergePatch(object, structuredClone(object))).toEqual({});
			}),
		);
	});
});

describe("threeWayMergePatch", () => {
	it("changes and adds what the file says, deletes what it no longer says, and leaves the rest", () => {
		const before = { spec: { model: "m", tools: ["a"], limits: { usd: 1 } } };
		const wanted = { spec: { model: "n", tools: ["a"], extra: true } };
		const live = { spec: { model: "m", tools: ["a"], limits: { usd: 1, tokens: 5 }, defaulted: 7 }, status: { phase: "Idle" } };
		expect(threeWayMergePatch(before, wanted, live)).toEqual({ spec: { model: "n", extra: true, limits: null } });
	});

	it("takes back what somebody else changed of it", () => {
		expect(threeWayMergePatch({ a: 1 }, { a: 1 }, { a: 2 })).toEqual({ a: 1 });
		expect(threeWayMergePatch({ a: 1 }, { a: 1 }, {})).toEqual({ a: 1 });
	});

	it("is empty when the live object has all that the file says", () => {
		fc.assert(
			fc.property(value, value, (wanted, others) => {
				expect(threeWayMergePatch(wanted, wanted, { ...others, ...wanted })).toEqual({});
			}),
		);
	});

	it("makes the live object what the file says, whatever was there", () => {
		fc.assert(
			fc.property(value, value, value, (last, wanted, live) => {
				const result = applyMergePatch(live, threeWayMergePatch(last, wanted, live));
				expect(
					mergePatch(result as Record<string, unknown>, { ...(result as object), ...(applyMergePatch(result, wanted) as object) }),
				).toEqual({});
			}),
		);
	});
});
