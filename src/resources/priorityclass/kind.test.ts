import { describe, expect, test } from "vitest";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { priorityClassKind } from "./kind.ts";
import { SYSTEM_CLASSES } from "./system-classes.ts";

const of = (fields: object, name = "x") => admitted(priorityClassKind, fields, { name });

test("a class that says nothing has no priority and makes sessions of less priority leave", () => {
	expect(of({})).toMatchObject({ value: 0, preemptionPolicy: "PreemptLowerPriority" });
});

describe("is refused, in Kubernetes' words,", () => {
	test.each([
		[
			"more than people may have",
			{ value: 1_000_000_001 },
			"x",
			"value FieldValueForbidden: Forbidden: maximum allowed value of a user defined priority is 1000000000",
		],
		[
			"a name of the system's",
			{ value: 1 },
			"system-x",
			"metadata.name FieldValueForbidden: Forbidden: priority class names with 'system-' prefix are reserved for system use only",
		],
		[
			"a system class with another value",
			{ value: 1 },
			"system-node-critical",
			"metadata.name FieldValueForbidden: Forbidden: priority class names with 'system-' prefix are reserved for system use only",
		],
		[
			"an unknown policy",
			{ preemptionPolicy: "Maybe" },
			"x",
			'preemptionPolicy FieldValueNotSupported: Unsupported value: "Maybe": supported values: "Never", "PreemptLowerPriority"',
		],
	])("%s", (_, fields, name, cause) => {
		expect(causesIn(priorityClassKind, fields, { name })).toEqual([cause]);
	});

	test("a change of what sessions go by", () => {
		expect(causesOfChange(priorityClassKind, of({ value: 1 }), of({ value: 2, preemptionPolicy: "Never" }))).toEqual([
			"value FieldValueForbidden: Forbidden: may not be changed in an update.",
			'preemptionPolicy FieldValueInvalid: Invalid value: "Never": field is immutable',
		]);
	});
});

test("its description and who has it by default may change", () => {
	expect(causesOfChange(priorityClassKind, of({ value: 1 }), of({ value: 1, globalDefault: true, description: "new" }))).toEqual([]);
});

test.each(SYSTEM_CLASSES)("the system's own class $name is good as it is", ({ name, value }) => {
	expect(causesIn(priorityClassKind, { value }, { name })).toEqual([]);
});

test("columns are Kubernetes'", () => {
	expect(headings(priorityClassKind)).toBe("NAME  VALUE  GLOBAL-DEFAULT  AGE  PREEMPTIONPOLICY");
	expect(printed(priorityClassKind, of({ value: 7, globalDefault: true }))).toBe("x  7  true  5m  PreemptLowerPriority");
});
