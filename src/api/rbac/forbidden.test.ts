import { expect, test } from "vitest";
import { forbidden, forbiddenPath } from "./forbidden.ts";

const jane = { user: "jane", groups: [] };
const asks = { verb: "get", group: "klaw.sh", resource: "agents", namespace: "a", name: "x" };

test.each([
	[asks, 'agents.klaw.sh "x" is forbidden: User "jane" cannot get resource "agents" in API group "klaw.sh" in the namespace "a"'],
	[
		{ ...asks, verb: "list", name: "" },
		'agents.klaw.sh is forbidden: User "jane" cannot list resource "agents" in API group "klaw.sh" in the namespace "a"',
	],
	[
		{ ...asks, verb: "list", namespace: "", name: "" },
		'agents.klaw.sh is forbidden: User "jane" cannot list resource "agents" in API group "klaw.sh" at the cluster scope',
	],
	[
		{ ...asks, verb: "create", group: "", resource: "pods/exec" },
		'pods "x" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "a"',
	],
])("%j is refused in Kubernetes' words", (attributes, message) => {
	expect(forbidden(jane, attributes)).toMatchObject({ code: 403, reason: "Forbidden", message });
});

test("the refusal of a subresource is about the resource", () => {
	expect(forbidden(jane, { ...asks, group: "", resource: "pods/log" }).details).toEqual({ name: "x", group: "", kind: "pods" });
});

test("what stood in the way can be said", () => {
	expect(forbidden(jane, asks, 'RBAC: role.rbac.authorization.k8s.io "r" not found').message).toMatch(
		/in the namespace "a": RBAC: role\.rbac\.authorization\.k8s\.io "r" not found$/,
	);
});

test("a path is refused in Kubernetes' words", () => {
	expect(forbiddenPath(jane, "get", "/metrics").message).toBe('forbidden: User "jane" cannot get path "/metrics"');
});
