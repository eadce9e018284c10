import { expect, test } from "vitest";
import * as z from "zod";
import { causesOf, fieldPath } from "./causes.ts";

const schema = z.strictObject({
	mode: z.enum(["on", "off"]).optional(),
	either: z.union([z.string().max(3), z.strictObject({ ref: z.strictObject({ name: z.string() }) })]).optional(),
	labels: z.record(z.string().regex(/^[a-z]+$/, "must be letters"), z.string()).optional(),
	hidden: z
		.unknown()
		.superRefine((value, context) => {
			if (value !== undefined) context.addIssue({ code: "custom", message: "must be secret", params: { hidden: true } });
		})
		.optional(),
});

test.each([
	["an unknown value", { mode: "dim" }, "FieldValueNotSupported", "mode", 'Unsupported value: "dim": supported values: "on", "off"'],
	[
		"what is inside the alternative that fits",
		{ either: { ref: {} } },
		"FieldValueRequired",
		"either.ref.name",
		"Required value: must be a string",
	],
	["what fits no alternative", { either: 5 }, "FieldValueTypeInvalid", "either", "Invalid value: 5: Invalid input"],
	["what is too long, unquoted", { either: "long" }, "FieldValueTooLong", "either", "Too long: 4 characters, and at most 3 are accepted"],
	["a key that is none", { labels: { "a.b": "" } }, "FieldValueInvalid", "labels[a.b]", 'Invalid value: "a.b": must be letters'],
	["a secret, unquoted", { hidden: "hunter2" }, "FieldValueInvalid", "hidden", "Invalid value: must be secret"],
	["an unknown field", { either: { ref: { name: "a" } }, odd: 1 }, "FieldValueForbidden", "odd", 'unknown field "odd"'],
])("says %s", (_, input, reason, field, message) => {
	const parsed = schema.safeParse(input);
	expect(parsed.success ? [] : causesOf(parsed.error, "", input)).toEqual([{ reason, field, message }]);
});

test("a path has names after dots, and indexes and other keys in brackets", () => {
	expect(fieldPath("spec", ["tools", 0])).toBe("spec.tools[0]");
	expect(fieldPath("", ["data", "tls.crt"])).toBe("data[tls.crt]");
	expect(fieldPath("metadata", [])).toBe("metadata");
});
