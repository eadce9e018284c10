import type { PolicyRule } from "./policy.ts";
import { has, hasPath, hasResource } from "./rule.ts";

/** A rule about one verb on one resource (with at most one name) or on one path. */
interface Atom {
	verb: string;
	group?: string;
	resource?: string;
	name?: string;
	path?: string;
}

/**
 * What of `wanted` no rule of `holds` covers, in as few rules as Kubernetes prints. A wildcard is covered by the same
 * wildcard only, and a rule for all names never by one for some.
 */
export function missingRules(holds: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
	return compact(wanted.flatMap(atoms).filter((atom) => !holds.some((rule) => covers(rule, atom))));
}

function covers(rule: PolicyRule, { verb, group = "", resource, name, path }: Atom): boolean {
	if (!has(rule.verbs, verb)) return false;
	if (path !== undefined) return hasPath(rule.nonResourceURLs, path);
	if (resource === undefined || !has(rule.apiGroups, group) || !hasResource(rule.resources, resource)) return false;
	const names = rule.resourceNames ?? [];
	return names.length === 0 || (name !== undefined && names.includes(name));
}

function atoms({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): Atom[] {
	const names = resourceNames.length === 0 ? [undefined] : resourceNames;
	const ofResources = apiGroups.flatMap((group) =>
		resources.flatMap((resource) => names.flatMap((name) => verbs.map((verb) => ({ verb, group, resource, name })))),
	);
	return [...ofResources, ...nonResourceURLs.flatMap((path) => verbs.map((verb) => ({ verb, path })))];
}

/** One rule for all verbs of a resource. */
function compact(atoms: readonly Atom[]): PolicyRule[] {
	const byTarget = Map.groupBy(atoms, ({ group, resource, name, path }) => JSON.stringify([group, resource, name, path]));
	return [...byTarget.values()].map((same): PolicyRule => {
		const [first] = same;
		if (!first) return { verbs: [] };
		const { group = "", resource = "", name, path } = first;
		const verbs = [...new Set(same.map(({ verb }) => verb))];
		if (path !== undefined) return { verbs, nonResourceURLs: [path] };
		return { verbs, apiGroups: [group], resources: [resource], ...(name !== undefined && { resourceNames: [name] }) };
	});
}

/** @example describeRule(rule) // {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]} */
export function describeRule({ apiGroups, resources, nonResourceURLs, resourceNames, verbs }: PolicyRule): string {
	const parts = Object.entries({
		APIGroups: apiGroups,
		Resources: resources,
		NonResourceURLs: nonResourceURLs,
		ResourceNames: resourceNames,
		Verbs: verbs,
	});
	return `{${parts
		.filter(([, values]) => values && values.length > 0)
		.map(([name, values]) => `${name}:${quotedList(values)}`)
		.join(", ")}}`;
}

/** Go's way to print a list of texts. */
export function quotedList(values: readonly string[] = []): string {
	return `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
}
