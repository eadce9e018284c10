/**
 * Names of Durable Objects: first the cluster, then what is in it. No part has a slash. One place, so that a pool shard is
 * one change.
 */
export const DEFAULT_CLUSTER = "default";

export const clusterObjectName = (cluster: string) => cluster;
export const sessionObjectName = (namespace: string, session: string, cluster: string) => `${cluster}/${namespace}/${session}`;
export const namespaceObjectName = (namespace: string, cluster: string) => `${cluster}/${namespace}`;
export const nodeObjectName = (node: string, cluster: string) => `${cluster}/${node}`;
export const dispatcherObjectName = (cluster: string, pool = "default") => `${cluster}/${pool}`;

/** The cluster that an object belongs to. */
export function clusterOf({ name = "" }: Pick<DurableObjectId, "name">): string {
	const slash = name.indexOf("/");
	return slash === -1 ? name : name.slice(0, slash);
}

/** What the object itself is called in its cluster. */
export function lastPart({ name = "" }: Pick<DurableObjectId, "name">): string {
	return name.slice(name.lastIndexOf("/") + 1);
}
