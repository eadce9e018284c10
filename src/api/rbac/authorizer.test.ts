import { describe, expect, test } from "vitest";
import type { Attributes, Caller } from "../request.ts";
import { Authorizer } from "./authorizer.ts";
import type { NamespacePolicy, Policy, PolicyRule, Subject } from "./policy.ts";

const jane: Caller = { user: "jane", groups: ["system:authenticated", "devs"] };
const toJane: Subject[] = [{ kind: "User", name: "jane" }];
const reader: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };

function asks(change: Partial<Attributes> = {}): Attributes {
	return { verb: "get", group: "", resource: "pods", namespace: "a", name: "", ...change };
}

/** Jane in namespace `a`, with one rule by a RoleBinding there. */
function withRule(rule: PolicyRule, subjects: Subject[] = toJane): Authorizer {
	return authorizer({ roles: { r: [rule] }, roleBindings: [{ name: "b", roleRef: { kind: "Role", name: "r" }, subjects }] });
}

function authorizer(local: Partial<NamespacePolicy>, policy: Partial<Policy> = {}): Authorizer {
	return new Authorizer(
		{ version: 1, clusterRoles: {}, clusterRoleBindings: [], ...policy },
		{ namespace: "a", roles: {}, roleBindings: [], ...local },
	);
}

test("nobody may do anything that no rule allows", () => {
	expect(authorizer({}).authorize(jane, asks())).toEqual({ allowed: false, reason: "" });
	expect(authorizer({}).authorizePath(jane, "get", "/version")).toEqual({ allowed: false, reason: "" });
});

test("a member of system:masters may do everything, whatever the policy", () => {
	const root: Caller = { user: "root", groups: ["system:masters"] };
	expect(authorizer({}).authorize(root, asks({ verb: "delete", resource: "secrets" })).allowed).toBe(true);
	expect(authorizer({}).authorizePath(root, "get", "/metrics").allowed).toBe(true);
});

describe("a rule", () => {
	test.each<[string, PolicyRule, Partial<Attributes>, boolean]>([
		["its verb", reader, { verb: "list" }, true],
		["another verb", reader, { verb: "delete" }, false],
		["another group", reader, { group: "apps" }, false],
		["another resource", reader, { resource: "secrets" }, false],
		["a subresource of its resource", reader, { resource: "pods/log" }, false],
		["a subresource that it names", { ...reader, resources: ["pods/log"] }, { resource: "pods/log" }, true],
		["the parent of a subresource that it names", { ...reader, resources: ["pods/log"] }, { resource: "pods" }, false],
		["any verb by *", { ...reader, verbs: ["*"] }, { verb: "escalate" }, true],
		["any group by *", { ...reader, apiGroups: ["*"] }, { group: "klaw.sh" }, true],
		["any resource by *", { ...reader, resources: ["*"] }, { resource: "secrets" }, true],
		["any subresource by *", { ...reader, resources: ["*"] }, { resource: "pods/exec" }, true],
		["a status by */status", { ...reader, resources: ["*/status"] }, { resource: "pods/status" }, true],
		["a log by */status", { ...reader, resources: ["*/status"] }, { resource: "pods/log" }, false],
		["a resource by */status", { ...reader, resources: ["*/status"] }, { resource: "pods" }, false],
		["nothing by pods/*", { ...reader, resources: ["pods/*"] }, { resource: "pods/log" }, false],
		["a name of its names", { ...reader, resourceNames: ["x", "y"] }, { name: "y" }, true],
		["another name than its names", { ...reader, resourceNames: ["x"] }, { name: "z" }, false],
		["a list of all, with names", { ...reader, resourceNames: ["x"] }, { verb: "list" }, false],
		["a list of one name, with names", { ...reader, resourceNames: ["x"] }, { verb: "list", name: "x" }, true],
		["resources, for a rule about paths", { verbs: ["*"], nonResourceURLs: ["*"] }, {}, false],
	])("about %s decides so", (_, rule, change, allowed) => {
		expect(withRule(rule).authorize(jane, asks(change)).allowed).toBe(allowed);
	});

	test.each([
		["/metrics", "/metrics", true],
		["/metrics", "/metrics/x", false],
		["/metrics/*", "/metrics/x/y", true],
		["/metrics/*", "/metrics", false],
		["/metrics*", "/metrics", true],
		["*", "/anything", true],
	])("for the path %s decides about %s", (url, path, allowed) => {
		const policy = {
			clusterRoles: { m: [{ verbs: ["get"], nonResourceURLs: [url] }] },
			clusterRoleBindings: [{ name: "m", roleRef: { kind: "ClusterRole" as const, name: "m" }, subjects: toJane }],
		};
		expect(authorizer({}, policy).authorizePath(jane, "get", path).allowed).toBe(allowed);
		expect(authorizer({}, policy).authorizePath(jane, "post", path).allowed).toBe(false);
	});
});

describe("a subject", () => {
	test.each<[string, Subject, Caller, boolean]>([
		["a user", { kind: "User", name: "jane" }, jane, true],
		["another user", { kind: "User", name: "joe" }, jane, false],
		["a group", { kind: "Group", name: "devs" }, jane, true],
		["a group with the name of a user", { kind: "Group", name: "jane" }, jane, false],
		["a user with the name of a group", { kind: "User", name: "devs" }, jane, false],
		[
			"a service account",
			{ kind: "ServiceAccount", name: "bot", namespace: "b" },
			{ user: "system:serviceaccount:b:bot", groups: [] },
			true,
		],
		[
			"a service account of the binding's namespace",
			{ kind: "ServiceAccount", name: "bot" },
			{ user: "system:serviceaccount:a:bot", groups: [] },
			true,
		],
		[
			"a service account of another namespace",
			{ kind: "ServiceAccount", name: "bot", namespace: "b" },
			{ user: "system:serviceaccount:a:bot", groups: [] },
			false,
		],
	])("that is %s is found", (_, subject, caller, allowed) => {
		expect(withRule(reader, [subject]).authorize(caller, asks()).allowed).toBe(allowed);
	});
});

describe("a binding", () => {
	const policy = { clusterRoles: { view: [reader] } };
	const roleRef = { kind: "ClusterRole" as const, name: "view" };

	test("in a namespace gives a ClusterRole there and nowhere else", () => {
		const here = authorizer({ roleBindings: [{ name: "b", roleRef, subjects: toJane }] }, policy);
		expect(here.authorize(jane, asks())).toEqual({
			allowed: true,
			reason: 'RBAC: allowed by RoleBinding "b/a" of ClusterRole "view" to User "jane"',
		});
		expect(here.authorize(jane, asks({ namespace: "b" })).allowed).toBe(false);
		expect(here.authorize(jane, asks({ namespace: "" })).allowed).toBe(false);
	});

	test("of the cluster gives a ClusterRole everywhere", () => {
		const everywhere = authorizer({}, { ...policy, clusterRoleBindings: [{ name: "b", roleRef, subjects: toJane }] });
		for (const namespace of ["a", "b", ""]) {
			expect(everywhere.authorize(jane, asks({ namespace }))).toEqual({
				allowed: true,
				reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "view" to User "jane"',
			});
		}
	});

	test("to a role that is missing gives nothing, and the denial says so", () => {
		const local = { roleBindings: [{ name: "b", roleRef: { kind: "Role" as const, name: "toString" }, subjects: toJane }] };
		expect(authorizer(local).authorize(jane, asks())).toEqual({
			allowed: false,
			reason: 'RBAC: role.rbac.authorization.k8s.io "toString" not found',
		});
		expect(authorizer(local).authorize({ user: "joe", groups: [] }, asks()).reason).toBe("");
	});

	test("names the service account that it allows with its namespace", () => {
		const subject: Subject = { kind: "ServiceAccount", name: "bot", namespace: "b" };
		expect(withRule(reader, [subject]).authorize({ user: "system:serviceaccount:b:bot", groups: [] }, asks()).reason).toBe(
			'RBAC: allowed by RoleBinding "b/a" of Role "r" to ServiceAccount "bot/b"',
		);
	});
});

test("the rules of a caller are those of the cluster and of the namespace", () => {
	const logs: PolicyRule = { verbs: ["get"], apiGroups: [""], resources: ["pods/log"] };
	const both = authorizer(
		{ roles: { r: [logs] }, roleBindings: [{ name: "b", roleRef: { kind: "Role", name: "r" }, subjects: toJane }] },
		{
			clusterRoles: { view: [reader] },
			clusterRoleBindings: [{ name: "c", roleRef: { kind: "ClusterRole", name: "view" }, subjects: [{ kind: "Group", name: "devs" }] }],
		},
	);
	expect(both.rulesFor(jane, "a")).toEqual([reader, logs]);
	expect(both.rulesFor(jane, "")).toEqual([reader]);
	expect(both.rulesFor({ user: "joe", groups: [] }, "a")).toEqual([]);
});
