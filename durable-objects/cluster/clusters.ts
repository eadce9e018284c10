import { forbiddenBecause } from "../../src/api/rbac/forbidden.ts";
import { refuse } from "../../src/api/status.ts";
import { type Cluster, clusterKind } from "../../src/resources/cluster/kind.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { DEFAULT_CLUSTER } from "../names.ts";
import { put, type StoreChange, type Strategy } from "../store/decision.ts";
import { removed } from "../store/deletion.ts";

const PLURAL = clusterKind.plural;

export function newCluster(name: string, { now, uid }: { now: number; uid(): string }): Cluster {
	return {
		apiVersion: "klaw.sh/v1",
		kind: "Cluster",
		metadata: { name, uid: uid(), resourceVersion: "", generation: 1, creationTimestamp: timestamp(now) },
		spec: {},
		status: { phase: "Active" },
	};
}

/** Writes of Clusters. `lookup` gives the stored one of a name. */
export function clusterStrategy(lookup: (name: string) => Cluster | undefined): Strategy {
	return {
		create(object) {
			const value = { ...object, status: { phase: "Active" } };
			return { ok: true, changes: [put(PLURAL, value)], value };
		},
		delete(object, { now }) {
			const { name } = object.metadata;
			if (name === DEFAULT_CLUSTER) return refuse(forbiddenBecause(clusterKind, name, "this cluster may not be deleted"));
			const cluster = lookup(name);
			if (!cluster) return { ok: true, changes: [], value: object };
			// Its end has begun, and the last finalizer of its own may have gone: it is asked once more whether it is over.
			const begun = cluster.metadata.deletionTimestamp !== undefined;
			const value = begun ? { ...cluster, metadata: object.metadata } : closing(cluster, now);
			return { ok: true, changes: [put(PLURAL, value)], value };
		},
	};
}

/** The end begins: everything in the cluster is deleted. */
export function closing(cluster: Cluster, now: number): Cluster {
	const { metadata } = cluster;
	const marked = { ...metadata, deletionTimestamp: metadata.deletionTimestamp ?? timestamp(now), deletionGracePeriodSeconds: 0 };
	return { ...cluster, metadata: marked, status: { phase: "Terminating" } };
}

/** Whether a Cluster was marked as deleted in a way that went past {@link closing}. */
export function shouldClose({ metadata, status }: Cluster): boolean {
	return metadata.deletionTimestamp !== undefined && status?.phase !== "Terminating";
}

/** What follows when nothing is left of a cluster: it goes, unless a finalizer holds it. */
export function closed(cluster: Cluster): StoreChange[] {
	const { deletionTimestamp, finalizers = [] } = cluster.metadata;
	return deletionTimestamp !== undefined && finalizers.length === 0 ? removed(PLURAL, cluster) : [];
}
