import { expect, test } from "vitest";
import type { ResourceQuotaSpec } from "../../resources/resourcequota/schema.ts";
import { isInScope, type ScopedSession } from "./quota-scope.ts";

const session: ScopedSession = { priorityClassName: "high", isTerminating: true, isBestEffort: false };
const plain: ScopedSession = { isTerminating: false, isBestEffort: true };
const byPriority = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values?: string[]): ResourceQuotaSpec => ({
	scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator, ...(values && { values }) }] },
});

test.each<[ResourceQuotaSpec, boolean, boolean]>([
	[{}, true, true],
	[{ scopes: ["Terminating"] }, true, false],
	[{ scopes: ["NotTerminating"] }, false, true],
	[{ scopes: ["BestEffort"] }, false, true],
	[{ scopes: ["NotBestEffort"] }, true, false],
	[{ scopes: ["Terminating", "BestEffort"] }, false, false],
	[{ scopes: ["CrossNamespacePodAffinity"] }, false, false],
	[byPriority("In", ["high", "low"]), true, false],
	[byPriority("In", ["low"]), false, false],
	[byPriority("NotIn", ["high"]), false, true],
	[byPriority("Exists"), true, false],
	[byPriority("DoesNotExist"), false, true],
])("a quota with %j is about a session with a priority and a deadline: %s, about one with neither: %s", (spec, prior, other) => {
	expect(isInScope(spec, session)).toBe(prior);
	expect(isInScope(spec, plain)).toBe(other);
});

test("a quota with scopes is about nothing but sessions", () => {
	expect(isInScope({ scopes: ["NotTerminating"] })).toBe(false);
	expect(isInScope({})).toBe(true);
});
