import { aggregate } from "../../src/api/rbac/aggregate.ts";
import type { Cluster } from "../../src/resources/cluster/kind.ts";
import type { ClusterRole } from "../../src/resources/clusterrole/kind.ts";
import { canonicalJson } from "../../src/resources/digest.ts";
import type { Namespace } from "../../src/resources/namespace/kind.ts";
import type { BaseResource } from "../../src/resources/resource.ts";
import { DEFAULT_CLUSTER } from "../names.ts";
import { put, type StoreChange } from "../store/decision.ts";
import { closing, shouldClose } from "./clusters.ts";
import type { Errand } from "./delivery-queue.ts";
import { shouldTerminate, terminating } from "./namespaces.ts";

/** What the resource store does not know, written with the change that it follows from. */
export type ClusterChange =
	/** Another object is to be told something. */
	| { type: "order"; what: Errand; name: string }
	/** The policy is another: whoever follows it is to be told. */
	| { type: "policy" }
	/** A namespace is gone, with its key. */
	| { type: "forget"; namespace: string };

/** An object that was written. */
export interface Written {
	type: "ADDED" | "MODIFIED" | "DELETED";
	plural: string;
	object: BaseResource;
}

export interface FollowUpView {
	/** All ClusterRoles, as they are with the change. */
	clusterRoles(): ClusterRole[];
	namespace(name: string): Namespace | undefined;
	cluster(name: string): Cluster | undefined;
	/** Milliseconds since the epoch. */
	now: number;
}

/** What follows from what was written, whoever wrote it and how. */
export function followUps(written: readonly Written[], view: FollowUpView): (StoreChange | ClusterChange)[] {
	const has = (...plurals: string[]) => written.some(({ plural }) => plurals.includes(plural));
	const changes: (StoreChange | ClusterChange)[] = [];
	if (has("clusterroles")) changes.push(...aggregation(view.clusterRoles()));
	if (has("clusterroles", "clusterrolebindings", "priorityclasses")) changes.push({ type: "policy" });
	for (const { type, plural, object } of written) {
		const { name } = object.metadata;
		if (plural === "namespaces")
			changes.push(...(type === "DELETED" ? [{ type: "forget" as const, namespace: name }] : ofNamespace(view, name)));
		if (plural === "clusters" && type !== "DELETED") changes.push(...ofCluster(view, name, type === "ADDED"));
	}
	return changes;
}

/** Aggregated roles show the rules that they stand for. */
function aggregation(roles: readonly ClusterRole[]): StoreChange[] {
	const rules = aggregate(roles);
	return roles
		.filter(({ aggregationRule }) => aggregationRule)
		.map((role): ClusterRole => ({ ...role, rules: [...(rules.get(role.metadata.name) ?? [])] }))
		.filter(
			(role) => canonicalJson(role.rules) !== canonicalJson(roles.find(({ metadata }) => metadata.name === role.metadata.name)?.rules),
		)
		.map((role) => put("clusterroles", role));
}

function ofNamespace({ namespace: lookup, now }: FollowUpView, name: string): (StoreChange | ClusterChange)[] {
	const namespace = lookup(name);
	if (namespace?.metadata.deletionTimestamp === undefined || !namespace.spec.finalizers.includes("kubernetes")) return [];
	const order: ClusterChange = { type: "order", what: "terminate", name };
	return shouldTerminate(namespace) ? [put("namespaces", terminating(namespace, now)), order] : [order];
}

function ofCluster({ cluster: lookup, now }: FollowUpView, name: string, added: boolean): (StoreChange | ClusterChange)[] {
	const cluster = lookup(name);
	if (cluster?.metadata.deletionTimestamp === undefined)
		return added && name !== DEFAULT_CLUSTER ? [{ type: "order", what: "establish", name }] : [];
	const order: ClusterChange = { type: "order", what: "close", name };
	return shouldClose(cluster) ? [put("clusters", closing(cluster, now)), order] : [order];
}
