import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalJson, isObject } from "./json-value.ts";
import { applyMergePatch } from "./merge-patch.ts";

/** RFC 7386, appendix A: original, patch, result. */
const RFC_7386: [original: string, patch: string, result: string][] = [
	['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
	['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
	['{"a":"b"}', '{"a":null}', "{}"],
	['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
	['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
	['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
	['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
	['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
	['["a","b"]', '["c","d"]', '["c","d"]'],
	['{"a":"b"}', '["c"]', '["c"]'],
	['{"a":"foo"}', "null", "null"],
	['{"a":"foo"}', '"bar"', '"bar"'],
	['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
	["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
	["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

describe("RFC 7386, appendix A", () => {
	test.each(RFC_7386)("%s with %s is %s", (original, patch, result) => {
		expect(applyMergePatch(JSON.parse(original), JSON.parse(patch))).toEqual(JSON.parse(result));
	});
});

test("a field that is called __proto__ is a field like any other", () => {
	const patched = applyMergePatch(JSON.parse('{"a":1}'), JSON.parse('{"__proto__":{"admin":true},"constructor":{"b":2}}'));
	expect(JSON.stringify(patched)).toBe('{"a":1,"__proto__":{"admin":true},"constructor":{"b":2}}');
	expect(Reflect.get(Object(patched), "admin")).toBeUndefined();
});

/** JSON without null in objects, which a merge patch cannot say. */
const { value: withoutNull } = fc.letrec((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4 },
		fc.string({ maxLength: 3 }),
		fc.integer(),
		fc.boolean(),
		fc.array(tie("value"), { maxLength: 3 }),
		fc.dictionary(fc.string({ maxLength: 2 }), tie("value"), { maxKeys: 4 }),
	),
}));

test("the patch that a difference makes turns the one object into the other", () => {
	fc.assert(
		fc.property(withoutNull, withoutNull, (from, to) => {
			expect(applyMergePatch(from, mergeDiff(from, to))).toEqual(to);
		}),
	);
});

test("applying a patch twice is like applying it once, and changes neither argument", () => {
	fc.assert(
		fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 4 }), (target, patch) => {
			const before = JSON.stringify([target, patch]);
			const once = applyMergePatch(target, patch);
			expect(applyMergePatch(once, patch)).toEqual(once);
			expect(JSON.stringify([target, patch])).toBe(before);
		}),
	);
});

/** The merge patch that makes `to` of `from`. */
function mergeDiff(from: unknown, to: unknown): unknown {
	if (!isObject(from) || !isObject(to)) return to;
	const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
	const changed = Object.entries(to).filter(([key, value]) => !Object.hasOwn(from, key) || !equalJson(from[key], value));
	return Object.fromEntries([
		...gone.map((key) => [key, null] as const),
		...changed.map(([key, value]) => [key, Object.hasOwn(from, key) ? mergeDiff(from[key], value) : value] as const),
	]);
}
