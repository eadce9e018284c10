import { describe, expect, test } from "vitest";
import { admitted, causesIn, causesOfChange, headings, printed } from "../test-kind.ts";
import { type Task, taskKind } from "./kind.ts";

const task = (status: Partial<Task["status"]> = {}): Task => ({
	...admitted(taskKind, { spec: { prompt: "p", agent: "coder" } }),
	status: { phase: "Pending", session: "x", ...status },
});
const started = { phase: "Running" as const, startTime: "2026-11-22T08:04:18.000Z" };

test.each([
	["no prompt", {}, "spec.prompt FieldValueRequired: Required value: must be a string"],
	["a blank prompt", { prompt: " \n" }, /^spec\.prompt FieldValueInvalid: .*must not be blank/],
	["a prompt over 1 MiB", { prompt: "x".repeat(1024 * 1024 + 1) }, /^spec\.prompt FieldValueTooLong: Too long: 1048577 bytes/],
	["a deadline that is none", { prompt: "p", deadline: "soon" }, /^spec\.deadline FieldValueInvalid: .*must be a duration/],
	["a model without a provider", { prompt: "p", model: "gpt" }, /^spec\.model FieldValueInvalid: .*must be provider\/model/],
])("%s is refused", (_, spec, cause) => {
	expect(causesIn(taskKind, { spec })).toEqual([expect.stringMatching(cause)]);
});

test("only the metadata of a task may change", () => {
	const old = task();
	expect(
		causesOfChange(taskKind, old, { ...old, metadata: { ...old.metadata, labels: { a: "b" } }, status: task(started).status }),
	).toEqual([]);
	expect(causesOfChange(taskKind, old, { ...old, spec: { ...old.spec, prompt: "q" } })).toEqual([
		'spec FieldValueInvalid: Invalid value: {"agent":"coder","prompt":"q"}: field is immutable',
	]);
});

test("tasks are selected by phase, agent and session", () => {
	const fields = Object.entries(taskKind.selectableFields ?? {}).map(([field, read]) => `${field}=${read(task())}`);
	expect(fields).toEqual(["status.phase=Pending", "spec.agent=coder", "spec.session=", "status.session=x"]);
});

describe("columns", () => {
	test("say who works on it, how far it is, and under -o wide what it waits for", () => {
		expect(headings(taskKind)).toBe("NAME  AGENT  STATUS  RUNTIME  COST  AGE");
		expect(headings(taskKind, true)).toBe("NAME  AGENT  STATUS  RUNTIME  COST  AGE  WAITING FOR");
	});

	test.each([
		["a task that has not begun", {}, "x  coder  Pending  <none>  <none>  5m  <none>"],
		["a task that runs", started, "x  coder  Running  42s  <none>  5m  <none>"],
		["a task that waits", { ...started, waitingFor: "room" }, "x  coder  Waiting  42s  <none>  5m  room"],
		[
			"a task that is done",
			{ ...started, phase: "Succeeded" as const, completionTime: "2026-11-22T08:04:20.500Z", usd: 0.0123 },
			"x  coder  Succeeded  2s  $0.0123  5m  <none>",
		],
		["an expensive task", { usd: 12.345 }, "x  coder  Pending  <none>  $12.35  5m  <none>"],
	])("of %s", (_, status, line) => {
		expect(printed(taskKind, task(status))).toBe(line);
	});
});
