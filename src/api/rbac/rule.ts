import type { Attributes } from "../request.ts";
import type { PolicyRule } from "./policy.ts";

const ALL = "*";

/** Whether a rule allows a request for a resource. Rules only add, so the first that does decides. */
export function allows(rule: PolicyRule, { verb, group, resource, name }: Attributes): boolean {
	return has(rule.verbs, verb) && has(rule.apiGroups, group) && hasResource(rule.resources, resource) && hasName(rule.resourceNames, name);
}

/** Whether a rule allows a request for a path that is no resource. */
export function allowsPath(rule: PolicyRule, verb: string, path: string): boolean {
	return has(rule.verbs, verb) && hasPath(rule.nonResourceURLs, path);
}

export function has(values: readonly string[] = [], value: string): boolean {
	return values.includes(ALL) || values.includes(value);
}

/** `*` has every subresource too, `*` + `/status` the status of everything; there is no `pods/*`, as in Kubernetes. */
export function hasResource(resources: readonly string[] = [], resource: string): boolean {
	if (has(resources, resource)) return true;
	const slash = resource.indexOf("/");
	return slash !== -1 && resources.includes(`${ALL}${resource.slice(slash)}`);
}

/** `/metrics/*` has what is below and `/metrics/`, not `/metrics`. */
export function hasPath(urls: readonly string[] = [], path: string): boolean {
	return urls.some((url) => url === path || (url.endsWith(ALL) && path.startsWith(url.slice(0, -1))));
}

/** A rule with names is not about requests without one: creating, and listing all. */
function hasName(names: readonly string[] = [], name: string): boolean {
	return names.length === 0 || names.includes(name);
}
