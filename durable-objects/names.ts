/**
 * Names of Durable Objects. One place, so that a cluster prefix or a pool shard is one change. The cluster is always
 * `default` until clusters exist.
 */
const CLUSTER = "default";

export const sessionObjectName = (namespace: string, session: string) => `${CLUSTER}/${namespace}/${session}`;
export const namespaceObjectName = (namespace: string) => `${CLUSTER}/${namespace}`;
export const nodeObjectName = (node: string) => `${CLUSTER}/${node}`;
export const dispatcherObjectName = (pool = "default") => `${CLUSTER}/${pool}`;
