import { SUPERUSERS } from "./authorizer.ts";
import { type Binding, RBAC_GROUP, type Subject } from "./policy.ts";

const AUTHENTICATED = group("system:authenticated");

/** The ClusterRoleBindings that every cluster has from the start. */
export const DEFAULT_CLUSTER_ROLE_BINDINGS: readonly Binding[] = [
	binding("cluster-admin", group(SUPERUSERS)),
	binding("system:basic-user", AUTHENTICATED),
	binding("system:discovery", AUTHENTICATED),
	binding("system:public-info-viewer", AUTHENTICATED, group("system:unauthenticated")),
];

/** A binding has the name of its role. */
function binding(name: string, ...subjects: Subject[]): Binding {
	return { name, roleRef: { apiGroup: RBAC_GROUP, kind: "ClusterRole", name }, subjects };
}

function group(name: string): Subject {
	return { apiGroup: RBAC_GROUP, kind: "Group", name };
}
