import { expect, it } from "vitest";
import { SESSION, TASK, taskOrSession } from "./kinds.ts";

it.each([
	["task/a", TASK, "a"],
	["Tasks/a/b", TASK, "a/b"],
	["tasks.klaw.sh/a", TASK, "a"],
	["sess/b", SESSION, "b"],
])("%s names a task or a session", (word, resource, name) => {
	expect(taskOrSession(word)).toEqual({ resource, name });
});

it.each(["agent/a", "task/", "/a", "a", ""])("%j names neither a task nor a session", (word) => {
	expect(taskOrSession(word)).toBeUndefined();
});
