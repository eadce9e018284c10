import { apiVersionOf, type KindDefinition } from "../../resources/kind.ts";
import { type Document, toDocument } from "../document.ts";
import { mediaRanges, notAcceptable } from "../negotiate.ts";
import { ApiError, failure } from "../status.ts";
import { aggregatedDiscovery, type DiscoveryVersion } from "./aggregated.ts";
import { type ApiGroup, groupsOf } from "./groups.ts";
import { apiResourceList } from "./resource-list.ts";

export interface DiscoveryRequest {
	/** Below the cluster's root: `/api`, `/apis/klaw.sh/v1` … */
	path: string;
	/** The header of that name. */
	accept: string | undefined;
	/** Host and port by which the client came, which `/api` repeats. */
	serverAddress: string;
}

/**
 * What a cluster with these kinds serves, one page of it.
 * @returns `undefined` for a path that is none of discovery
 * @throws ApiError 404 for a group or version without kinds, 406 for a client that takes no JSON
 */
export function discovery(kinds: readonly KindDefinition[], { path, accept, serverAddress }: DiscoveryRequest): Document | undefined {
	const [root, ...rest] = path.replace(/\/$/, "").split("/").slice(1);
	if (root !== "api" && root !== "apis") return undefined;
	const [group, version] = root === "api" ? ["", ...rest] : rest;
	if (rest.length > (root === "api" ? 1 : 2)) return undefined;

	const served = groupsOf(kinds).filter(({ name }) => (name === "") === (root === "api"));
	if (rest.length === 0) {
		const aggregated = aggregatedVersion(accept);
		if (aggregated) {
			const contentType = `application/json;g=apidiscovery.k8s.io;v=${aggregated};as=APIGroupDiscoveryList`;
			return toDocument(aggregatedDiscovery(served, aggregated), contentType);
		}
		return toDocument(root === "api" ? coreVersions(served, serverAddress) : groupList(served));
	}
	requireJson(accept);
	const found = served.find(({ name }) => name === group);
	if (!found) throw new ApiError(unknown());
	if (version === undefined) return toDocument({ kind: "APIGroup", apiVersion: "v1", ...apiGroup(found) });
	const serves = found.versions.find((candidate) => candidate.version === version);
	if (!serves) throw new ApiError(unknown());
	return toDocument(apiResourceList(found.name, serves));
}

/** `undefined`: the client wants the old form, or asks before the new one for it. */
function aggregatedVersion(accept: string | undefined): DiscoveryVersion | undefined {
	for (const { type, parameters } of mediaRanges(accept)) {
		const as = parameters.get("as");
		if (type === "application/json" && as === "APIGroupDiscoveryList" && parameters.get("g") === "apidiscovery.k8s.io") {
			const version = parameters.get("v");
			if (version === "v2" || version === "v2beta1") return version;
		}
		if (as === undefined && takesJson(type)) return undefined;
	}
	throw new ApiError(notAcceptable(["application/json"]));
}

function requireJson(accept: string | undefined): void {
	if (!mediaRanges(accept).some(({ type }) => takesJson(type))) throw new ApiError(notAcceptable(["application/json"]));
}

function takesJson(type: string): boolean {
	return type === "application/json" || type === "application/*" || type === "*/*";
}

function coreVersions(groups: readonly ApiGroup[], serverAddress: string) {
	return {
		kind: "APIVersions",
		versions: groups.flatMap(({ versions }) => versions.map(({ version }) => version)),
		serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
	};
}

function groupList(groups: readonly ApiGroup[]) {
	return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(apiGroup) };
}

function apiGroup({ name, versions }: ApiGroup) {
	const named = versions.map(({ version }) => ({ groupVersion: apiVersionOf({ group: name, version }), version }));
	return { name, versions: named, preferredVersion: named[0] };
}

/** Kubernetes' words for a path that leads nowhere. */
function unknown() {
	return failure("NotFound", "the server could not find the requested resource", {});
}
