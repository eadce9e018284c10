import type { KindDefinition, Subresource } from "../../resources/kind.ts";
import { type ApiGroup, resourcesOf } from "./groups.ts";

/** Versions of `apidiscovery.k8s.io`; they differ in name only. */
export type DiscoveryVersion = "v2" | "v2beta1";

/** Everything about some groups at once, so that a client needs no request for each of their versions. */
export function aggregatedDiscovery(groups: readonly ApiGroup[], version: DiscoveryVersion) {
	return {
		kind: "APIGroupDiscoveryList",
		apiVersion: `apidiscovery.k8s.io/${version}`,
		metadata: {},
		items: groups.map(({ name, versions }) => ({
			metadata: { ...(name === "" ? {} : { name }), creationTimestamp: null },
			versions: versions.map((served) => ({
				version: served.version,
				resources: resourcesOf(served).map(resource),
				freshness: "Current",
			})),
		})),
	};
}

function resource(kind: KindDefinition) {
	return {
		resource: kind.plural,
		responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
		scope: kind.scope,
		singularResource: kind.singular,
		verbs: kind.verbs.toSorted(),
		...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
		...(kind.categories && kind.categories.length > 0 ? { categories: kind.categories } : {}),
		...(kind.subresources && kind.subresources.length > 0 ? { subresources: kind.subresources.map((sub) => subresource(kind, sub)) } : {}),
	};
}

function subresource({ group, version, kind }: KindDefinition, { name, verbs, body }: Subresource) {
	return { subresource: name, responseKind: body ?? { group, version, kind }, verbs: verbs.toSorted() };
}
