import { apiVersionOf, type KindDefinition, type Subresource } from "../../resources/kind.ts";
import { type ApiVersion, resourcesOf } from "./groups.ts";

/** One resource of a version: `v1` APIResource. */
export interface ApiResource {
	/** Plural, or `plural/subresource`. */
	name: string;
	singularName: string;
	namespaced: boolean;
	/** Where the kind is not of the list's own group and version. */
	group?: string;
	version?: string;
	kind: string;
	verbs: string[];
	shortNames?: readonly string[];
	categories?: readonly string[];
}

/** The body of `/api/v1` and `/apis/GROUP/VERSION`. */
export function apiResourceList(group: string, served: ApiVersion) {
	return {
		kind: "APIResourceList",
		apiVersion: "v1",
		groupVersion: apiVersionOf({ group, version: served.version }),
		resources: resourcesOf(served).flatMap((kind) => [
			apiResource(kind),
			...(kind.subresources ?? []).map((sub) => subresource(kind, sub)),
		]),
	};
}

function apiResource(kind: KindDefinition): ApiResource {
	return {
		name: kind.plural,
		singularName: kind.singular,
		namespaced: kind.scope === "Namespaced",
		kind: kind.kind,
		verbs: kind.verbs.toSorted(),
		...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
		...(kind.categories && kind.categories.length > 0 ? { categories: kind.categories } : {}),
	};
}

function subresource(parent: KindDefinition, { name, verbs, body }: Subresource): ApiResource {
	return {
		name: `${parent.plural}/${name}`,
		singularName: "",
		namespaced: parent.scope === "Namespaced",
		...(body && { group: body.group, version: body.version }),
		kind: body?.kind ?? parent.kind,
		verbs: verbs.toSorted(),
	};
}
