import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldsV1 } from "../../resources/resource.ts";
import { difference, EMPTY, fieldsIn, intersection, isEmpty, isMember, ordered, union } from "./field-set.ts";

const paths = fc.uniqueArray(fc.array(fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}'), { minLength: 1, maxLength: 3 }), {
	maxLength: 8,
	selector: (path) => path.join(),
});
const sets = paths.map(setOf);

test.each<[string, FieldsV1, string[][]]>([
	["a field", { "f:a": {} }, [["f:a"]]],
	["a field with one below it", { "f:a": { ".": {}, "f:b": {} } }, [["f:a"], ["f:a", "f:b"]]],
	["a field below one that is not in the set", { "f:a": { "f:b": {} } }, [["f:a", "f:b"]]],
	["nothing", {}, []],
])("%s is in the set %j", (_, set, fields) => {
	expect(fieldsIn(set)).toEqual(fields);
});

describe("sets of fields", () => {
	test("are what their fields say", () => {
		check(paths, (fields) => expect(keys(setOf(fields))).toEqual(fields.map(String).sort()));
	});

	test("have a union with the fields of either", () => {
		check(fc.tuple(sets, sets), ([a, b]) => expect(keys(union(a, b))).toEqual([...new Set([...keys(a), ...keys(b)])].sort()));
	});

	test("have a difference with the fields of the one alone", () => {
		check(fc.tuple(sets, sets), ([a, b]) => expect(keys(difference(a, b))).toEqual(keys(a).filter((key) => !keys(b).includes(key))));
	});

	test("have an intersection with the fields of both", () => {
		check(fc.tuple(sets, sets), ([a, b]) => expect(keys(intersection(a, b))).toEqual(keys(a).filter((key) => keys(b).includes(key))));
	});

	test("are the same object when nothing comes or goes", () => {
		check(sets, (a) => {
			expect(union(a, structuredClone(a))).toBe(a);
			expect(difference(a, { "f:other": {} })).toBe(a);
			expect(intersection(a, structuredClone(a))).toBe(a);
		});
	});

	test("are not changed by what is made of them", () => {
		check(fc.tuple(sets, sets), ([a, b]) => {
			const before = JSON.stringify([a, b]);
			union(a, b);
			difference(a, b);
			intersection(a, b);
			expect(JSON.stringify([a, b])).toBe(before);
		});
	});

	test("have no empty nodes left", () => {
		check(sets, (a) => expect(isEmpty(difference(a, a))).toBe(true));
	});
});

test("the elements of a set are written in order, with the field itself first", () => {
	const set = ordered({ "f:b": { "f:z": {}, ".": {} }, "f:a": {} });
	expect(JSON.stringify(set)).toBe('{"f:a":{},"f:b":{".":{},"f:z":{}}}');
	expect(ordered(set)).toBe(set);
});

function check<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void): void {
	fc.assert(
		fc.property(arbitrary, (value) => {
			holds(value);
		}),
	);
}

function setOf(fields: readonly (readonly string[])[]): FieldsV1 {
	return fields.reduce<FieldsV1>(
		(set, path) =>
			union(
				set,
				path.reduceRight<FieldsV1>((node, element) => ({ [element]: node }), EMPTY),
			),
		EMPTY,
	);
}

/** Comparable names of the fields, in order. */
function keys(set: FieldsV1): string[] {
	return fieldsIn(set).map(String).sort();
}

test("a leaf is in the set, a missing node is not", () => {
	expect(isMember(EMPTY)).toBe(true);
	expect(isMember(undefined)).toBe(false);
});
