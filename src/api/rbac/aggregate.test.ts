import { expect, test } from "vitest";
import { type AggregatableRole, aggregate } from "./aggregate.ts";
import type { PolicyRule } from "./policy.ts";

const rule = (resource: string): PolicyRule => ({ verbs: ["get"], apiGroups: [""], resources: [resource] });

function role(name: string, { label, chooses, rules = [] }: { label?: string; chooses?: string; rules?: PolicyRule[] }): AggregatableRole {
	return {
		metadata: { name, ...(label && { labels: { to: label } }) },
		rules,
		...(chooses && { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: chooses } }] } }),
	};
}

test("an aggregated role has the rules of those that it chooses, in order of names and each once, and none of its own", () => {
	const roles = [
		role("z", { label: "all", rules: [rule("pods"), rule("events")] }),
		role("a", { label: "all", rules: [rule("configmaps"), rule("pods")] }),
		role("other", { label: "none", rules: [rule("secrets")] }),
		role("sum", { chooses: "all", rules: [rule("stale")] }),
	];
	expect(aggregate(roles).get("sum")).toEqual([rule("configmaps"), rule("pods"), rule("events")]);
	expect(aggregate(roles).get("other")).toEqual([rule("secrets")]);
});

test("an aggregated role may choose aggregated roles, even in circles", () => {
	const roles = [
		role("one", { label: "two", chooses: "one" }),
		role("two", { label: "one", chooses: "two" }),
		role("leaf", { label: "one", rules: [rule("pods")] }),
	];
	expect(aggregate(roles).get("one")).toEqual([rule("pods")]);
	expect(aggregate(roles).get("two")).toEqual([rule("pods")]);
});

test("a selector without conditions chooses every other role", () => {
	const roles: AggregatableRole[] = [
		{ metadata: { name: "all" }, aggregationRule: { clusterRoleSelectors: [{}] } },
		role("pods", { rules: [rule("pods")] }),
	];
	expect(aggregate(roles).get("all")).toEqual([rule("pods")]);
});
