import type { KindDefinition, Verb } from "../resources/kind.ts";
import type { ResourcePath } from "./resource-path.ts";

/** What HTTP methods do with all objects of a kind, and with one. A GET becomes a watch by its query. */
const OF_ALL: Readonly<Record<string, Verb>> = { GET: "list", HEAD: "list", POST: "create", DELETE: "deletecollection" };
const OF_ONE: Readonly<Record<string, Verb>> = { GET: "get", HEAD: "get", PUT: "update", PATCH: "patch", DELETE: "delete" };
/** A subresource is created below its parent, which the path names. */
const OF_SUBRESOURCE: Readonly<Record<string, Verb>> = { ...OF_ONE, POST: "create" };

/** The verb of a request; `undefined` when what it is about does not have it. */
export function operationOf(method: string, named: ResourcePath, kind: KindDefinition, watch: boolean): Verb | undefined {
	const { resource, namespace, name } = named;
	if (resource.subresource !== undefined) {
		const verb = OF_SUBRESOURCE[method];
		const subresource = kind.subresources?.find((candidate) => candidate.name === resource.subresource);
		return verb && subresource?.verbs.includes(verb) ? verb : undefined;
	}
	const plain = (name === undefined ? OF_ALL : OF_ONE)[method];
	const verb = plain === "list" && watch ? "watch" : plain;
	// Everything of all namespaces is only looked at.
	const everywhere = kind.scope === "Namespaced" && namespace === undefined;
	if (everywhere && verb !== "list" && verb !== "watch") return undefined;
	return verb && kind.verbs.includes(verb) ? verb : undefined;
}
