import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { clusterKind } from "./kind.ts";

test("a cluster needs nothing but a name, and the name is a label", () => {
	expect(admitted(clusterKind, {}).spec).toEqual({});
	expect(causesIn(clusterKind, {}, { name: "a.b" })).toEqual([expect.stringMatching(/^metadata\.name FieldValueInvalid: /)]);
});

test("a display name that is too long is refused", () => {
	expect(causesIn(clusterKind, { spec: { displayName: "x".repeat(257) } })).toEqual([
		expect.stringMatching(/^spec\.displayName FieldValueTooLong: /),
	]);
});

test("columns", () => {
	expect(headings(clusterKind)).toBe("NAME  DISPLAY NAME  STATUS  AGE");
	const cluster = admitted(clusterKind, { spec: { displayName: "Staging" } });
	expect(printed(clusterKind, cluster)).toBe("x  Staging  Active  5m");
	const leaving = { ...cluster, metadata: { ...cluster.metadata, deletionTimestamp: "2026-11-22T08:01:00Z" }, spec: {} };
	expect(printed(clusterKind, leaving)).toBe("x  <none>  Terminating  5m");
});
