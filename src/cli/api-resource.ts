/** A kind of object as discovery tells of it, and as the command line and URLs name it. */
export interface ApiResource {
	/** `""` is the core group. */
	group: string;
	version: string;
	kind: string;
	plural: string;
	singular: string;
	shortNames: readonly string[];
	categories: readonly string[];
	namespaced: boolean;
	verbs: readonly string[];
}

/** What names and paths need to know of a resource. */
export type ResourceName = Pick<ApiResource, "group" | "version" | "plural" | "namespaced">;

/** `klaw.sh/v1`; the core group is just `v1`. */
export function apiVersionOf({ group, version }: Pick<ApiResource, "group" | "version">): string {
	return group === "" ? version : `${group}/${version}`;
}

/** @example parseApiVersion("klaw.sh/v1") // { group: "klaw.sh", version: "v1" } */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
	const slash = apiVersion.indexOf("/");
	return { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1) };
}

/** `agents.klaw.sh`, or with `singular` `agent.klaw.sh`, as in `agent.klaw.sh/x created`; core kinds have no group. */
export function qualified(
	resource: Pick<ApiResource, "group" | "plural" | "singular">,
	number: "singular" | "plural" = "singular",
): string {
	return inGroup(resource[number], resource.group);
}

/** How `-o name` and messages call an object: its kind in lower case, with its group. */
export function objectName({ apiVersion, kind, metadata }: { apiVersion: string; kind: string; metadata: { name: string } }): string {
	return `${inGroup(kind.toLowerCase(), parseApiVersion(apiVersion).group)}/${metadata.name}`;
}

/** The path of a collection, or of one object with `name`. Without a namespace: the collection over all of them. */
export function resourcePath(resource: ResourceName, namespace: string | undefined, name?: string): string {
	const root = resource.group === "" ? `/api/${resource.version}` : `/apis/${apiVersionOf(resource)}`;
	const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
	return `${root}${scope}/${resource.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}

function inGroup(name: string, group: string): string {
	return group === "" ? name : `${name}.${group}`;
}
