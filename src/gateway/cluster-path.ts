import { DEFAULT_CLUSTER } from "../../durable-objects/names.ts";
import { nameProblem } from "../resources/name.ts";

/** A path without the cluster that it names. */
export interface ClusterPath {
	cluster: string;
	path: string;
}

/**
 * Every cluster has the same paths, the default one at `/` and each at `/clusters/<name>/`. A name that no cluster could
 * have is left where it is, and leads nowhere.
 *
 * @example clusterPath("/clusters/lab/api/v1/nodes") // { cluster: "lab", path: "/api/v1/nodes" }
 */
export function clusterPath(path: string): ClusterPath {
	const [, cluster, rest = ""] = /^\/clusters\/([^/]+)(\/.*)?$/.exec(path) ?? [];
	if (cluster === undefined || nameProblem("label", cluster) !== undefined) return { cluster: DEFAULT_CLUSTER, path };
	return { cluster, path: rest === "" ? "/" : rest };
}
