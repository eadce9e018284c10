import { describe, expect, test } from "vitest";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { secretKind } from "./kind.ts";
import { sealable } from "./sealable.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

test("plain text is put into data, over what is there", () => {
	const secret = admitted(secretKind, { data: { a: "YQ==", b: "Yg==" }, stringData: { b: "grün" } });
	expect(secret).toMatchObject({ type: "Opaque", data: { a: "YQ==", b: "Z3LDvG4=" } });
	expect(secret).not.toHaveProperty("stringData");
});

test.each([
	["a key with a slash", { data: { "a/b": "" } }, /^data\[a\/b\] FieldValueInvalid: .*a valid config key/],
	[
		"more than 1 MiB",
		{ stringData: { a: "x".repeat(1024 * 1024 + 1) } },
		"data FieldValueTooLong: Too long: may not be more than 1048576 bytes",
	],
	[
		"a certificate without its key",
		{ type: "kubernetes.io/tls", data: { "tls.crt": "" } },
		"data[tls.key] FieldValueRequired: Required value",
	],
])("%s is refused", (_, fields, cause) => {
	const causes = causesIn(secretKind, fields);
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test.each([
	[
		"that is no base64",
		{ data: { a: "hunter2!" } },
		"data.a FieldValueInvalid: Invalid value: must be base64; put plain text into stringData",
	],
	["that is a number", { data: { a: 31337 } }, "data.a FieldValueInvalid: Invalid value: must be a string"],
	["that is a list", { stringData: { a: ["hunter2"] } }, "stringData.a FieldValueInvalid: Invalid value: must be a string"],
])("a value %s is refused without being quoted", (_, fields, cause) => {
	expect(causesIn(secretKind, fields)).toEqual([cause]);
});

test("a Secret keeps its type, and an immutable one everything", () => {
	const old = admitted(secretKind, { data: { a: "YQ==" }, immutable: true });
	expect(causesOfChange(secretKind, old, { ...old, data: { a: "Yg==" } })).toEqual([
		"data FieldValueForbidden: Forbidden: field is immutable when `immutable` is set",
	]);
	expect(causesOfChange(secretKind, old, { ...old, type: "other" })).toEqual([
		'type FieldValueInvalid: Invalid value: "other": field is immutable',
	]);
});

describe("taken apart for storage", () => {
	const applied = JSON.stringify({ kind: "Secret", data: { a: "YQ==" }, stringData: { b: "b" } });
	const annotations = { [LAST_APPLIED]: `${applied}\n`, other: "stays" };
	const secret = admitted(secretKind, { data: { a: "YQ==" }, stringData: { b: "b", c: "" } }, { annotations });

	test("its values are apart, without the empty ones that keep what was there", () => {
		expect(sealable(secret).values).toEqual({ a: "YQ==", b: "Yg==" });
	});

	test("its shell has every key and no value, in kubectl's note neither", () => {
		const { shell } = sealable(secret);
		expect(shell.data).toEqual({ a: "", b: "", c: "" });
		expect(shell.metadata.annotations).toEqual({
			[LAST_APPLIED]: `${JSON.stringify({ kind: "Secret", data: { a: "" }, stringData: { b: "" } })}\n`,
			other: "stays",
		});
		expect(secretKind.redact?.(secret)).toEqual(shell);
	});

	test.each(["{not json", '"text"', "null"])("a note that is %s is dropped", (note) => {
		const noted = { ...secret, metadata: { ...secret.metadata, annotations: { [LAST_APPLIED]: note } } };
		expect(sealable(noted).shell.metadata.annotations).toEqual({});
	});

	test("what was given is left as it was", () => {
		const before = structuredClone(secret);
		sealable(secret);
		expect(secret).toEqual(before);
	});
});

test("columns", () => {
	expect(headings(secretKind)).toBe("NAME  TYPE  DATA  AGE");
	expect(printed(secretKind, admitted(secretKind, { data: { a: "" } }))).toBe("x  Opaque  1  5m");
	expect(printed(secretKind, admitted(secretKind, {}))).toBe("x  Opaque  0  5m");
});
