import { describe, expect, test } from "vitest";
import type { Caller } from "../request.ts";
import { Authorizer } from "./authorizer.ts";
import { type RbacObject, refuseBinding, refuseRole } from "./escalation.ts";
import { type PolicyRule, RBAC_GROUP } from "./policy.ts";

const jane: Caller = { user: "jane", groups: ["devs", "system:authenticated"] };
const readPods: PolicyRule = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
const readSecrets: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["secrets"] };
const role: RbacObject = { plural: "roles", namespace: "a", name: "r" };
const binding: RbacObject = { plural: "rolebindings", namespace: "a", name: "b" };

/** Jane in namespace `a` with these rules, where there are a role `pods` and a ClusterRole `secrets`. */
function holding(...rules: PolicyRule[]): Authorizer {
	return new Authorizer(
		{ version: 1, clusterRoles: { secrets: [readSecrets] }, clusterRoleBindings: [] },
		{
			namespace: "a",
			roles: { mine: rules, pods: [readPods] },
			roleBindings: [{ name: "mine", roleRef: { kind: "Role", name: "mine" }, subjects: [{ kind: "User", name: "jane" }] }],
		},
	);
}

describe("a role", () => {
	test("may allow what its author may do", () => {
		expect(refuseRole(holding(readPods), jane, role, { rules: [readPods] })).toBeUndefined();
	});

	test("may not allow more than its author may do, and the refusal lists what", () => {
		expect(refuseRole(holding(readPods), jane, role, { rules: [readPods, readSecrets] })).toMatchObject({
			code: 403,
			reason: "Forbidden",
			message:
				'roles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
			details: { name: "r", group: RBAC_GROUP, kind: "roles" },
		});
	});

	test("may allow anything if its author may escalate", () => {
		const escalate: PolicyRule = { verbs: ["escalate"], apiGroups: [RBAC_GROUP], resources: ["roles"] };
		expect(refuseRole(holding(escalate), jane, role, { rules: [readSecrets] })).toBeUndefined();
	});

	test("may allow anything if a superuser writes it", () => {
		expect(refuseRole(holding(), { user: "root", groups: ["system:masters"] }, role, { rules: [readSecrets] })).toBeUndefined();
	});

	test("may be aggregated only by whoever may do everything", () => {
		const clusterRole: RbacObject = { plural: "clusterroles", name: "c" };
		expect(refuseRole(holding(readPods), jane, clusterRole, { rules: [], aggregated: true })?.message).toBe(
			'clusterroles.rbac.authorization.k8s.io "c" is forbidden: must have cluster-admin privileges to use the aggregationRule',
		);
	});

	test("that names more combinations than can be compared is refused", () => {
		const many = Array.from({ length: 200 }, (_, i) => `x${i}`);
		const rules = [{ verbs: many, apiGroups: [""], resources: many }];
		expect(refuseRole(holding(readPods), jane, role, { rules })).toMatchObject({
			code: 403,
			message: expect.stringContaining("in 40000 ways, and at most 10,000 can be compared"),
		});
		const root = { user: "root", groups: ["system:masters"] };
		expect(refuseRole(holding(), root, role, { rules })).toBeUndefined();
	});

	test("of the cluster is measured by what its author may do in the whole cluster", () => {
		const clusterRole: RbacObject = { plural: "clusterroles", name: "c" };
		expect(refuseRole(holding(readPods), jane, clusterRole, { rules: [readPods] })?.code).toBe(403);
	});
});

describe("a binding", () => {
	test("may be to a role that allows what its author may do", () => {
		expect(refuseBinding(holding(readPods), jane, binding, { kind: "Role", name: "pods" })).toBeUndefined();
	});

	test("may not be to a role that allows more", () => {
		expect(refuseBinding(holding(readPods), jane, binding, { kind: "ClusterRole", name: "secrets" })?.message).toMatch(
			/^rolebindings\.rbac\.authorization\.k8s\.io "b" is forbidden: user "jane" .* not currently held:\n\{APIGroups:\[""\], Resources:\["secrets"\]/s,
		);
	});

	test("may be to a role that its author may bind, and to no other", () => {
		const bind: PolicyRule = { verbs: ["bind"], apiGroups: [RBAC_GROUP], resources: ["clusterroles"], resourceNames: ["secrets"] };
		expect(refuseBinding(holding(bind), jane, binding, { kind: "ClusterRole", name: "secrets" })).toBeUndefined();
		expect(refuseBinding(holding(bind), jane, binding, { kind: "Role", name: "pods" })?.code).toBe(403);
	});

	test("to a role that is not there is refused, unless its author may bind it", () => {
		expect(refuseBinding(holding(readPods), jane, binding, { kind: "Role", name: "gone" })).toMatchObject({
			code: 404,
			message: 'roles.rbac.authorization.k8s.io "gone" not found',
		});
		expect(refuseBinding(holding(), { user: "root", groups: ["system:masters"] }, binding, { kind: "Role", name: "gone" })).toBeUndefined();
	});
});
