import { describe, expect, test } from "vitest";
import { MemoryView } from "../../../test/fakes/memory-view.ts";
import { refuseSystemClass } from "./system-class.ts";

const PERSON = { groups: ["system:authenticated"] };
const named = (priorityClassName?: string) =>
	new MemoryView().agentDraft("a", priorityClassName === undefined ? {} : { priorityClassName });
const selects = (scopeName: "PriorityClass" | "Terminating", operator: "In" | "Exists", values?: string[]) => ({
	scopeSelector: { matchExpressions: [{ scopeName, operator, ...(values && { values }) }] },
});

describe("a class of the system's", () => {
	const agent = named("system-node-critical");
	const refused = {
		code: 403,
		message:
			'agents.klaw.sh "a" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [system-cluster-critical system-node-critical]}]',
	};

	test.each([
		["without a quota", []],
		["with a quota that has no scope", [{}]],
		["with a quota on another class", [selects("PriorityClass", "In", ["system-cluster-critical"])]],
		["with a quota on another scope", [selects("Terminating", "Exists")]],
	])("is refused in a namespace %s, in Kubernetes' words", (_, quotas) => {
		expect(refuseSystemClass(agent, undefined, PERSON, quotas)).toMatchObject(refused);
	});

	test.each([
		["names it", selects("PriorityClass", "In", ["system-node-critical"])],
		["is about any class", { scopes: ["PriorityClass" as const] }],
	])("may be named where a quota %s", (_, quota) => {
		expect(refuseSystemClass(agent, undefined, PERSON, [quota])).toBeUndefined();
	});

	test("may be named by system:masters, and kept by who has it", () => {
		expect(refuseSystemClass(agent, undefined, { groups: ["system:masters"] }, [])).toBeUndefined();
		expect(refuseSystemClass(agent, agent, PERSON, [])).toBeUndefined();
		expect(refuseSystemClass(agent, named("high"), PERSON, [])).toMatchObject(refused);
	});
});

test("other classes, and none, may be named anywhere", () => {
	for (const name of [undefined, "high"]) expect(refuseSystemClass(named(name), undefined, PERSON, [])).toBeUndefined();
});
