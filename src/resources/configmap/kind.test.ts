import { expect, test } from "vitest";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { configMapKind } from "./kind.ts";

const LIMIT = 1024 * 1024;

test("a ConfigMap may be empty", () => {
	expect(causesIn(configMapKind, {})).toEqual([]);
});

test.each([
	[
		"a key with a slash",
		{ data: { "a/b": "" } },
		/^data\[a\/b\] FieldValueInvalid: Invalid value: "a\/b": a valid config key must consist of .* regex used for validation is '\[-\._a-zA-Z0-9\]\+'\)$/,
	],
	["the key ..", { data: { "..": "" } }, "data[..] FieldValueInvalid: Invalid value: \"..\": must not be '..'"],
	["a key of 254 characters", { data: { ["x".repeat(254)]: "" } }, /must be no more than 253 characters$/],
	["a number", { data: { a: 5 } }, "data.a FieldValueTypeInvalid: Invalid value: 5: must be a string"],
	["bytes that are no base64", { binaryData: { a: "%" } }, 'binaryData.a FieldValueInvalid: Invalid value: "%": must be base64'],
	[
		"a key twice",
		{ data: { a: "" }, binaryData: { a: "" } },
		'data[a] FieldValueInvalid: Invalid value: "a": duplicate of key present in binaryData',
	],
	[
		"more than 1 MiB",
		{ data: { a: "x".repeat(LIMIT) }, binaryData: { b: "YQ==" } },
		"[] FieldValueTooLong: Too long: may not be more than 1048576 bytes",
	],
])("%s is refused", (_, fields, cause) => {
	const causes = causesIn(configMapKind, fields);
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("exactly 1 MiB is accepted", () => {
	expect(causesIn(configMapKind, { data: { a: "x".repeat(LIMIT) } })).toEqual([]);
});

test("an immutable ConfigMap does not change, nor become mutable", () => {
	const old = admitted(configMapKind, { data: { a: "1" }, immutable: true });
	const forbidden = "Forbidden: field is immutable when `immutable` is set";
	expect(causesOfChange(configMapKind, old, { ...old, metadata: { ...old.metadata, labels: { a: "b" } } })).toEqual([]);
	expect(causesOfChange(configMapKind, old, { ...old, data: { a: "2" } })).toEqual([`data FieldValueForbidden: ${forbidden}`]);
	expect(causesOfChange(configMapKind, old, { ...old, immutable: false })).toEqual([`immutable FieldValueForbidden: ${forbidden}`]);
	expect(causesOfChange(configMapKind, { ...old, immutable: false }, { ...old, data: {} })).toEqual([]);
});

test("columns", () => {
	expect(headings(configMapKind)).toBe("NAME  DATA  AGE");
	expect(printed(configMapKind, admitted(configMapKind, { data: { a: "", b: "" }, binaryData: { c: "YQ==" } }))).toBe("x  3  5m");
});
