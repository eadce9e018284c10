import type { LabelSelectorSpec } from "../../resources/label-selector.ts";
import { selectorOfObject } from "../selectors/label-selector-object.ts";
import type { PolicyRule } from "./policy.ts";

/** A ClusterRole, as far as aggregation looks at it. */
export interface AggregatableRole {
	metadata: { name: string; labels?: Readonly<Record<string, string>> };
	rules?: readonly PolicyRule[] | null;
	aggregationRule?: { clusterRoleSelectors?: readonly LabelSelectorSpec[] } | null;
}

/**
 * Rules of all ClusterRoles by name. A role with an `aggregationRule` has the rules of the roles that its selectors
 * choose, in order of their names, and none of its own.
 */
export function aggregate(roles: readonly AggregatableRole[]): Map<string, readonly PolicyRule[]> {
	const sorted = roles.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
	return new Map(sorted.map((role) => [role.metadata.name, rulesOf(role, sorted, new Set())]));
}

/** `seen` breaks circles: each role counts once. */
function rulesOf(role: AggregatableRole, roles: readonly AggregatableRole[], seen: Set<string>): readonly PolicyRule[] {
	seen.add(role.metadata.name);
	if (!role.aggregationRule) return role.rules ?? [];
	const selectors = (role.aggregationRule.clusterRoleSelectors ?? []).map(selectorOfObject);
	const rules = new Map<string, PolicyRule>();
	for (const other of roles) {
		if (seen.has(other.metadata.name) || !selectors.some((selector) => selector.matches(other.metadata.labels))) continue;
		for (const rule of rulesOf(other, roles, seen)) rules.set(JSON.stringify(rule), rule);
	}
	return [...rules.values()];
}
