import { expect, test } from "vitest";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { type Session, sessionKind } from "./kind.ts";

const session = (status: Partial<Session["status"]> = {}, metadata = {}): Session => ({
	...admitted(sessionKind, { spec: { agent: "coder" } }, metadata),
	status: { phase: "Idle", ...status },
});

test("a session needs nothing but a name", () => {
	expect(admitted(sessionKind, {}).spec).toEqual({});
});

test("a session's name is a label, because it names a directory", () => {
	expect(causesIn(sessionKind, {}, { name: "a.b" })).toEqual([
		expect.stringMatching(/^metadata\.name FieldValueInvalid: .*RFC 1123 label/),
	]);
});

test("an agent that is no text is refused", () => {
	expect(causesIn(sessionKind, { spec: { agent: 1 } })).toEqual(["spec.agent FieldValueTypeInvalid: Invalid value: 1: must be a string"]);
});

test("only the metadata of a session may change", () => {
	const old = session();
	expect(causesOfChange(sessionKind, old, session({ phase: "Running" }, { labels: { a: "b" } }))).toEqual([]);
	expect(causesOfChange(sessionKind, old, { ...old, spec: { agent: "writer" } })).toEqual([
		'spec FieldValueInvalid: Invalid value: {"agent":"writer"}: field is immutable',
	]);
});

test("sessions are selected by phase, node and agent", () => {
	const fields = Object.entries(sessionKind.selectableFields ?? {}).map(([field, read]) => `${field}=${read(session())}`);
	expect(fields).toEqual(["status.phase=Idle", "status.node=", "spec.agent=coder"]);
});

test("columns", () => {
	expect(headings(sessionKind)).toBe("NAME  AGENT  STATUS  NODE  LAST RUN  AGE");
	expect(headings(sessionKind, true)).toBe("NAME  AGENT  STATUS  NODE  LAST RUN  AGE  WAITING FOR  CHECKPOINTED");
	const lastRun = { phase: "Succeeded", completionTime: "2026-11-22T08:04:00Z" };
	expect(printed(sessionKind, session({ phase: "Waiting", node: "local", lastRun, waitingFor: "an answer" }))).toBe(
		"x  coder  Waiting  local  Succeeded (60s ago)  5m  an answer  <none>",
	);
	expect(printed(sessionKind, session())).toBe("x  coder  Idle  <none>  <none>  5m  <none>  <none>");
	expect(printed(sessionKind, session({}, { deletionTimestamp: "2026-11-22T08:04:00Z" }))).toContain("Terminating");
});

test("files that are in no checkpoint are seen in the list, and where they are", () => {
	const condition = { type: "Checkpointed", status: "False" as const, reason: "OverCeiling", message: "The workspace has 2 GiB." };
	const over = session({ workspaceNode: "n1", conditions: [condition] });
	expect(printed(sessionKind, over)).toMatch(/False \(OverCeiling, only on n1\)$/);
	expect(printed(sessionKind, session({ conditions: [{ ...condition, status: "True" }] }))).toMatch(/ {2}True$/);
});
