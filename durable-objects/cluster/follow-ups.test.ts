import { expect, test } from "vitest";
import type { ClusterRole } from "../../src/resources/clusterrole/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { closing, newCluster } from "./clusters.ts";
import { followUps, type Written } from "./follow-ups.ts";
import { newNamespace, terminating } from "./namespaces.ts";

const stamp = { now: 0, uid: () => "uid" };
const namespace = newNamespace("a", stamp);
const cluster = newCluster("c", stamp);
const marked = <Object extends BaseResource>(object: Object): Object => ({
	...object,
	metadata: { ...object.metadata, deletionTimestamp: "1970-01-01T00:00:00Z", finalizers: ["foregroundDeletion"] },
});

function role(name: string, rules: ClusterRole["rules"], more: Partial<ClusterRole> = {}): ClusterRole {
	const metadata = { name, uid: "uid", resourceVersion: "", creationTimestamp: "1970-01-01T00:00:00Z", labels: { to: name } };
	return { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules, ...more };
}

/** What follows when these are all the objects there are. */
function after(type: Written["type"], plural: string, object: BaseResource, roles: ClusterRole[] = []) {
	return followUps([{ type, plural, object }], {
		clusterRoles: () => roles,
		namespace: () => (plural === "namespaces" && type !== "DELETED" ? (object as typeof namespace) : undefined),
		cluster: () => (plural === "clusters" && type !== "DELETED" ? (object as typeof cluster) : undefined),
		now: 0,
	});
}

test("everybody is told of a change of roles, bindings or priority classes, and of no other", () => {
	expect(after("MODIFIED", "clusterrolebindings", role("x", []))).toEqual([{ type: "policy" }]);
	expect(after("DELETED", "clusterroles", role("x", []))).toEqual([{ type: "policy" }]);
	expect(after("ADDED", "priorityclasses", role("x", []))).toEqual([{ type: "policy" }]);
	expect(after("ADDED", "namespaces", namespace)).toEqual([]);
});

test("aggregated roles are written with their rules, where those changed", () => {
	const rule = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
	const sum = role("sum", [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: "leaf" } }] } });
	const leaf = role("leaf", [rule]);
	expect(after("ADDED", "clusterroles", leaf, [sum, leaf])).toEqual([
		{ type: "put", plural: "clusterroles", object: { ...sum, rules: [rule] } },
		{ type: "policy" },
	]);
	expect(after("MODIFIED", "clusterroles", leaf, [{ ...sum, rules: [rule] }, leaf])).toEqual([{ type: "policy" }]);
});

test("a namespace that is deleted is told to end, however it was marked, and what is kept of it is forgotten when it is gone", () => {
	const order = { type: "order", what: "terminate", name: "a" };
	expect(after("MODIFIED", "namespaces", terminating(namespace, 0))).toEqual([order]);
	expect(after("MODIFIED", "namespaces", marked(namespace))).toEqual([
		{ type: "put", plural: "namespaces", object: expect.objectContaining({ status: { phase: "Terminating" } }) },
		order,
	]);
	expect(after("DELETED", "namespaces", namespace)).toEqual([{ type: "forget", namespace: "a" }]);
	expect(after("MODIFIED", "namespaces", { ...terminating(namespace, 0), spec: { finalizers: [] } } as BaseResource)).toEqual([]);
});

test("a cluster that is new is established, and one that is deleted is closed", () => {
	const order = { type: "order", what: "close", name: "c" };
	expect(after("ADDED", "clusters", cluster)).toEqual([{ type: "order", what: "establish", name: "c" }]);
	expect(after("ADDED", "clusters", newCluster("default", stamp))).toEqual([]);
	expect(after("MODIFIED", "clusters", cluster)).toEqual([]);
	expect(after("MODIFIED", "clusters", closing(cluster, 0))).toEqual([order]);
	expect(after("MODIFIED", "clusters", marked(cluster))).toEqual([
		{ type: "put", plural: "clusters", object: expect.objectContaining({ status: { phase: "Terminating" } }) },
		order,
	]);
	expect(after("DELETED", "clusters", cluster)).toEqual([]);
});
