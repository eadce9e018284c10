import type { GroupVersionKind } from "./json-schema.ts";

/** Groups whose Go package is not called after them. */
const PACKAGE: Readonly<Record<string, string>> = {
	"": "io.k8s.api.core",
	"rbac.authorization.k8s.io": "io.k8s.api.rbac",
	"metrics.k8s.io": "io.k8s.metrics.pkg.apis.metrics",
};

/**
 * What Kubernetes calls the schema of a kind: its Go package for Kubernetes' own groups, the group's domain backwards
 * for all others.
 * @example schemaName({ group: "klaw.sh", version: "v1", kind: "Agent" }) // "sh.klaw.v1.Agent"
 */
export function schemaName({ group, version, kind }: GroupVersionKind): string {
	return `${packageOf(group)}.${version}.${kind}`;
}

function packageOf(group: string): string {
	const known = PACKAGE[group];
	if (known !== undefined) return known;
	const [first = "", ...domain] = group.split(".");
	// `events.k8s.io` and `policy` alike are `k8s.io/api/<first label>`.
	if (domain.length === 0 || domain.join(".") === "k8s.io") return `io.k8s.api.${first}`;
	return group.split(".").toReversed().join(".");
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** @example metaName("ObjectMeta") // "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" */
export function metaName(type: string): string {
	return `${META}.${type}`;
}
