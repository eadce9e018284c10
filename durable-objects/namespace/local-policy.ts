import { Authorizer } from "../../src/api/rbac/authorizer.ts";
import type { Binding, NamespacePolicy, Policy, PolicyRule, RoleRef, Subject } from "../../src/api/rbac/policy.ts";
import type { BaseResource } from "../../src/resources/resource.ts";

interface RoleObject extends BaseResource {
	rules?: readonly PolicyRule[];
}

interface BindingObject extends BaseResource {
	roleRef: RoleRef;
	subjects?: readonly Subject[];
}

/** The part of RBAC that a namespace keeps itself. */
export function localPolicy(namespace: string, roles: Iterable<RoleObject>, bindings: Iterable<BindingObject>): NamespacePolicy {
	const rules: Record<string, readonly PolicyRule[]> = Object.create(null);
	for (const role of roles) rules[role.metadata.name] = role.rules ?? [];
	const roleBindings: Binding[] = [];
	for (const { metadata, roleRef, subjects = [] } of bindings) roleBindings.push({ name: metadata.name, roleRef, subjects });
	return { namespace, roles: rules, roleBindings };
}

/** Whether a change of this kind may change who may do what. */
export function concernsPolicy(plural: string): boolean {
	return plural === "roles" || plural === "rolebindings";
}

/** Decides for a namespace of which nothing is known but the cluster's policy. */
export function strangerAuthorizer(policy: Policy, namespace: string): Authorizer {
	return new Authorizer(policy, { namespace, roles: {}, roleBindings: [] });
}
