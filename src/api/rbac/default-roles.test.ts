import { describe, expect, test } from "vitest";
import { aggregate } from "./aggregate.ts";
import { Authorizer } from "./authorizer.ts";
import { missingRules } from "./cover.ts";
import { DEFAULT_CLUSTER_ROLE_BINDINGS } from "./default-bindings.ts";
import { DEFAULT_CLUSTER_ROLES } from "./default-roles.ts";

const roles = aggregate(DEFAULT_CLUSTER_ROLES.map(({ name, labels, ...role }) => ({ metadata: { name, labels }, ...role })));
const rulesOf = (role: string) => roles.get(role) ?? [];

/** Somebody bound to a default role in namespace `a`. */
function boundTo(role: string) {
	const authorizer = new Authorizer(
		{ version: 1, clusterRoles: Object.fromEntries(roles), clusterRoleBindings: DEFAULT_CLUSTER_ROLE_BINDINGS },
		{
			namespace: "a",
			roles: {},
			roleBindings: [{ name: "b", roleRef: { kind: "ClusterRole", name: role }, subjects: [{ kind: "User", name: "jane" }] }],
		},
	);
	return (verb: string, resource: string, group = "") =>
		authorizer.authorize({ user: "jane", groups: [] }, { verb, group, resource, namespace: "a", name: "" }).allowed;
}

describe("the default roles", () => {
	test("hold each other: view in edit in admin in cluster-admin", () => {
		for (const [less, more] of [["view", "edit"] as const, ["edit", "admin"] as const, ["admin", "cluster-admin"] as const]) {
			expect(rulesOf(less).length).toBeGreaterThan(0);
			expect(missingRules(rulesOf(more), rulesOf(less))).toEqual([]);
			expect(missingRules(rulesOf(less), rulesOf(more))).not.toEqual([]);
		}
	});

	test.each([
		["get", "agents", "klaw.sh", "view"],
		["watch", "tasks", "klaw.sh", "view"],
		["get", "sessions/events", "klaw.sh", "view"],
		["get", "sessions/checkpoints", "klaw.sh", "view"],
		["create", "sessions/restore", "klaw.sh", "edit"],
		["get", "pods/log", "", "view"],
		["get", "resourcequotas", "", "view"],
		["list", "pods", "metrics.k8s.io", "view"],
		["create", "agents", "klaw.sh", "edit"],
		["create", "sessions/messages", "klaw.sh", "edit"],
		["create", "tasks/cancel", "klaw.sh", "edit"],
		["create", "pods/exec", "", "edit"],
		["create", "pods/eviction", "", "edit"],
		["get", "secrets", "", "edit"],
		["create", "serviceaccounts", "", "edit"],
		["create", "serviceaccounts/token", "", "admin"],
		["impersonate", "serviceaccounts", "", "admin"],
		["get", "roles", "rbac.authorization.k8s.io", "admin"],
		["create", "rolebindings", "rbac.authorization.k8s.io", "admin"],
		["list", "auditrecords", "klaw.sh", "admin"],
		["update", "resourcequotas", "", "cluster-admin"],
		["create", "limitranges", "", "cluster-admin"],
		["update", "agentrevisions", "klaw.sh", "cluster-admin"],
		["update", "agents/status", "klaw.sh", "cluster-admin"],
		["delete", "namespaces", "", "cluster-admin"],
		["escalate", "roles", "rbac.authorization.k8s.io", "cluster-admin"],
	])("allow %s %s from %s on for %s and more only", (verb, resource, group, least) => {
		const order = ["view", "edit", "admin", "cluster-admin"];
		expect(order.filter((role) => boundTo(role)(verb, resource, group))).toEqual(order.slice(order.indexOf(least)));
	});

	test("let everyone who is known review themselves and discover the API, and strangers see only that it lives", () => {
		const authorizer = new Authorizer({
			version: 1,
			clusterRoles: Object.fromEntries(roles),
			clusterRoleBindings: DEFAULT_CLUSTER_ROLE_BINDINGS,
		});
		const known = { user: "jane", groups: ["system:authenticated"] };
		const stranger = { user: "system:anonymous", groups: ["system:unauthenticated"] };
		const review = { verb: "create", group: "authorization.k8s.io", resource: "selfsubjectaccessreviews", namespace: "", name: "" };
		expect(authorizer.authorize(known, review).allowed).toBe(true);
		expect(authorizer.authorize(stranger, review).allowed).toBe(false);
		expect(authorizer.authorizePath(known, "get", "/apis/klaw.sh/v1").allowed).toBe(true);
		expect(authorizer.authorizePath(stranger, "get", "/apis").allowed).toBe(false);
		expect(authorizer.authorizePath(stranger, "get", "/livez").allowed).toBe(true);
	});
});
