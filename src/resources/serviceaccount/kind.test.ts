import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { serviceAccountKind } from "./kind.ts";

test("a ServiceAccount needs nothing but a name", () => {
	expect(causesIn(serviceAccountKind, {})).toEqual([]);
});

test.each([
	["secrets that are names", { secrets: ["a"] }, /^secrets\[0\] FieldValueTypeInvalid: /],
	["a switch that is text", { automountServiceAccountToken: "no" }, /^automountServiceAccountToken FieldValueTypeInvalid: /],
])("%s is refused", (_, fields, cause) => {
	expect(causesIn(serviceAccountKind, fields)).toEqual([expect.stringMatching(cause)]);
});

test("tokens are asked for with a TokenRequest", () => {
	const body = { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" };
	expect(serviceAccountKind.subresources).toEqual([{ name: "token", verbs: ["create"], body }]);
});

test("columns", () => {
	expect(headings(serviceAccountKind)).toBe("NAME  SECRETS  AGE");
	expect(printed(serviceAccountKind, admitted(serviceAccountKind, { secrets: [{ name: "a" }] }))).toBe("x  1  5m");
});
