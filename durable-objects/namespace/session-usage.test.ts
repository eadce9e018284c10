import { expect, test } from "vitest";
import { isInScope } from "../../src/api/admission/quota-scope.ts";
import { MemoryView } from "../../test/fakes/memory-view.ts";
import { ofAgent } from "./session-usage.ts";

const SCOPED = {
	scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass" as const, operator: "In" as const, values: ["usual"] }] },
};

test("a session whose agent names no class counts in a quota on the default class, for as long as that is the default", () => {
	const view = new MemoryView();
	const usual = { value: 7, preemptionPolicy: "PreemptLowerPriority" as const };
	const inScope = () => isInScope(SCOPED, ofAgent(view, agent).scope);
	view.classes = { usual: { ...usual, globalDefault: true } };
	const agent = view.addAgent("a");
	expect(inScope()).toBe(true);
	view.classes = { usual };
	expect(inScope()).toBe(false);
	expect(isInScope(SCOPED, ofAgent(view, view.addAgent("b", { priorityClassName: "usual" })).scope)).toBe(true);
});
