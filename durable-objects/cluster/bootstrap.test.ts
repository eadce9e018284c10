import { beforeEach, expect, test } from "vitest";
import { AUTOUPDATE } from "../../src/api/rbac/default-roles.ts";
import type { ClusterRole } from "../../src/resources/clusterrole/kind.ts";
import { clusterRoleKind } from "../../src/resources/clusterrole/kind.ts";
import type { ClusterRoleBinding } from "../../src/resources/clusterrolebinding/kind.ts";
import { clusterRoleBindingKind } from "../../src/resources/clusterrolebinding/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { bootstrapPolicy } from "./bootstrap.ts";

/** The stored objects, as data. */
let stored: Map<string, BaseResource>;
beforeEach(() => {
	stored = new Map();
	start();
});

/** The object starts: what is missing is written. @returns the names of what was written */
function start(): string[] {
	// The store is asked by plural, so what it gives is of the kind that was asked for.
	const lookup = <R extends BaseResource>(plural: string, name: string) => stored.get(`${plural}/${name}`) as R | undefined;
	const changes = bootstrapPolicy(lookup, { now: 0, uid: () => "uid" });
	return changes.map((change) => {
		if (change.type !== "put") throw new Error(change.type);
		stored.set(`${change.plural}/${change.object.metadata.name}`, change.object);
		return change.object.metadata.name;
	});
}

const role = (name: string) => stored.get(`clusterroles/${name}`) as ClusterRole;
const binding = (name: string) => stored.get(`clusterrolebindings/${name}`) as ClusterRoleBinding;

test("what is as it should be is not written again", () => {
	expect(start()).toEqual([]);
});

test("every default object is one that a client could have written", () => {
	for (const [key, { apiVersion, kind, metadata, ...fields }] of stored) {
		expect({ apiVersion, kind }).toEqual({
			apiVersion: "rbac.authorization.k8s.io/v1",
			kind: key.startsWith("clusterroles/") ? "ClusterRole" : "ClusterRoleBinding",
		});
		expect(metadata).toMatchObject({ labels: { "kubernetes.io/bootstrapping": "rbac-defaults" }, annotations: { [AUTOUPDATE]: "true" } });
		const schema = key.startsWith("clusterroles/") ? clusterRoleKind.schema : clusterRoleBindingKind.schema;
		expect(schema.safeParse(fields)).toMatchObject({ success: true });
	}
});

test("what was taken away comes back, and what was added stays", () => {
	const mine = { verbs: ["get"], apiGroups: ["example.com"], resources: ["things"] };
	role("system:aggregate-to-edit").rules = [mine];
	binding("system:discovery").subjects = [{ kind: "User", name: "guest" }];
	const { labels: _, ...bare } = role("view").metadata;
	role("view").metadata = bare;
	stored.delete("clusterrolebindings/cluster-admin");
	expect(start().toSorted()).toEqual(["cluster-admin", "system:aggregate-to-edit", "system:discovery", "view"]);
	expect(role("system:aggregate-to-edit").rules).toContainEqual(mine);
	expect(role("system:aggregate-to-edit").rules).toContainEqual({ verbs: ["create"], apiGroups: [""], resources: ["pods/eviction"] });
	expect(binding("system:discovery").subjects?.map(({ name }) => name)).toEqual(["guest", "system:authenticated"]);
	expect(role("view").metadata.labels).toMatchObject({ "rbac.authorization.k8s.io/aggregate-to-edit": "true" });
	expect(start()).toEqual([]);
});

test("the rules that aggregation gave a role are left to aggregation", () => {
	role("view").rules = [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }];
	expect(start()).toEqual([]);
	role("view").aggregationRule = { clusterRoleSelectors: [{ matchLabels: { mine: "true" } }] };
	expect(start()).toEqual(["view"]);
	expect(role("view").aggregationRule?.clusterRoleSelectors).toHaveLength(2);
});

test("what is annotated so is left alone", () => {
	role("cluster-admin").rules = [];
	role("cluster-admin").metadata.annotations = { [AUTOUPDATE]: "false" };
	expect(start()).toEqual([]);
});
