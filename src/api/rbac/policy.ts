import type { PriorityClasses } from "../../resources/priorityclass/priority.ts";

/** RBAC's data, as it stands in roles and bindings of `rbac.authorization.k8s.io/v1` and travels between objects. */

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** What may be done with what. Either resources of API groups or paths that are no resources. */
export interface PolicyRule {
	/** `*`: all. */
	verbs: string[];
	/** `""` is the core group, `*` all of them. */
	apiGroups?: string[];
	/** `pods`, `pods/log`, all `status` as `*` + `/status`, or `*` for everything with its subresources. */
	resources?: string[];
	/** None: every name. */
	resourceNames?: string[];
	/** `*` at the end stands for whatever follows. Only in ClusterRoles. */
	nonResourceURLs?: string[];
}

export interface RoleRef {
	apiGroup?: string;
	/** `ClusterRole` or `Role`. */
	kind: string;
	name: string;
}

export interface Subject {
	kind: "User" | "Group" | "ServiceAccount";
	name: string;
	/** Of a ServiceAccount. */
	namespace?: string;
	apiGroup?: string;
}

export interface Binding {
	name: string;
	roleRef: RoleRef;
	subjects: readonly Subject[];
}

/** What holds in every namespace of a cluster: what the Cluster pushes to them. */
export interface Policy {
	/** Grows with every change. */
	version: number;
	/** Rules by name; those of aggregated roles are resolved. */
	clusterRoles: Readonly<Record<string, readonly PolicyRule[]>>;
	clusterRoleBindings: readonly Binding[];
	/** No matter of permissions, and pushed with them. Absent: an older Cluster does not say. */
	priorityClasses?: PriorityClasses;
}

/** What one namespace adds. */
export interface NamespacePolicy {
	namespace: string;
	roles: Readonly<Record<string, readonly PolicyRule[]>>;
	roleBindings: readonly Binding[];
}
