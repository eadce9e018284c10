import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { namespaceKind } from "./kind.ts";

test("a namespace is kept until what is in it is deleted", () => {
	expect(admitted(namespaceKind, {}).spec).toEqual({ finalizers: ["kubernetes"] });
});

test.each([
	["a name with a dot", {}, { name: "a.b" }, /^metadata\.name FieldValueInvalid: .*RFC 1123 label/],
	["finalizers that are no list", { spec: { finalizers: "kubernetes" } }, {}, /^spec\.finalizers FieldValueTypeInvalid: /],
])("%s is refused", (_, fields, metadata, cause) => {
	expect(causesIn(namespaceKind, fields, metadata)).toEqual([expect.stringMatching(cause)]);
});

test("columns", () => {
	expect(headings(namespaceKind)).toBe("NAME  STATUS  AGE");
	const namespace = admitted(namespaceKind, {});
	expect(printed(namespaceKind, namespace)).toBe("x  Active  5m");
	const leaving = { ...namespace, metadata: { ...namespace.metadata, deletionTimestamp: "2026-11-22T08:01:00Z" } };
	expect(printed(namespaceKind, leaving)).toBe("x  Terminating  5m");
	expect(namespaceKind.selectableFields?.["status.phase"]?.(leaving)).toBe("Terminating");
});
