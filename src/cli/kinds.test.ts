import { describe, expect, it } from "vitest";
import { AGENT, findKind, NODE, parseResources, qualified, resourcePath, SESSION, TASK } from "./kinds.ts";

describe("kinds", () => {
	it.each([
		["agents", AGENT],
		["ag", AGENT],
		["Task", TASK],
		["sess", SESSION],
		["no", NODE],
		["tasks.klaw.sh", TASK],
	])("%s names a kind", (word, kind) => {
		expect(findKind(word)).toBe(kind);
	});

	it("an unknown kind is refused with the kinds there are", () => {
		expect(() => findKind("pods")).toThrow('klaw knows no kind "pods". It knows agents|ag, tasks, sessions|sess, nodes|no.');
	});

	it("a path keeps a name with a slash in one segment", () => {
		expect(resourcePath(TASK, "team a", "x/y")).toBe("/apis/klaw.sh/v1/namespaces/team%20a/tasks/x%2Fy");
		expect(resourcePath(NODE, "ignored", "local")).toBe("/api/v1/nodes/local");
		expect(resourcePath(AGENT, "default")).toBe("/apis/klaw.sh/v1/namespaces/default/agents");
	});

	it("core kinds are named without a group", () => {
		expect([qualified(AGENT), qualified(NODE)]).toEqual(["agent.klaw.sh", "node"]);
	});

	it("resources are named as KIND, KIND NAME … or KIND/NAME …", () => {
		expect(parseResources(["tasks"])).toEqual([{ kind: TASK, names: [] }]);
		expect(parseResources(["task", "a", "b"])).toEqual([{ kind: TASK, names: ["a", "b"] }]);
		expect(parseResources(["task/a", "session/b"])).toEqual([
			{ kind: TASK, names: ["a"] },
			{ kind: SESSION, names: ["b"] },
		]);
		expect(() => parseResources(["task/a", "b"])).toThrow('"b" is not KIND/NAME');
	});
});

it.each([
	["tsks", "tasks"],
	["taskss", "tasks"],
	["tesk", "tasks"],
	["agnets", "agents"],
	["sesions", "sessions"],
])("%s is told with the kind that was meant", (typed, meant) => {
	expect(() => findKind(typed)).toThrow(`klaw knows no kind "${typed}". Did you mean ${meant}?`);
});

it.each(["pods", "deployments", "t", ""])("nothing is guessed for %j", (typed) => {
	expect(() => findKind(typed)).toThrow(`klaw knows no kind "${typed}". It knows`);
});
