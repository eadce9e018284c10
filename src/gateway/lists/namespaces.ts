import { decodeMergedVersion, encodeMergedVersion, type MergedVersion } from "../../api/merged-version.ts";
import type { ListOptions, ListPage } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";

/** Where the objects of a list of all namespaces are. */
export interface Namespaces {
	/** In order of their names. */
	names: readonly string[];
	page(namespace: string, options: ListOptions): Promise<ListPage>;
}

/** A page of a merged list that is not the last. */
export function mergedPage(items: ListPage["items"], versions: MergedVersion): ListPage {
	return { type: "list", items, resourceVersion: encodeMergedVersion(versions) };
}

/**
 * Versions by namespace that a list of all of them was asked for. A list is always of now, so the number that one
 * namespace gave an object asks for nothing, unless it is to be exactly that.
 *
 * @throws ApiError 410
 */
export function askedVersions({ resourceVersion = "", resourceVersionMatch }: ListOptions): MergedVersion {
	const versions = decodeMergedVersion(resourceVersion);
	if (versions) return versions;
	if (resourceVersionMatch !== "Exact") return new Map();
	const why = `${resourceVersion.slice(0, 100)} is the version of one namespace, and the list is of all. Ask for one without it.`;
	throw new ApiError(failure("Expired", `The resourceVersion for the provided list is too old: ${why}`));
}

/** The options for one namespace, from its beginning. */
export function fromStart(options: ListOptions, version: string | undefined, limit: number | undefined): ListOptions {
	const { labelSelector, fieldSelector, resourceVersionMatch } = options;
	return {
		labelSelector,
		fieldSelector,
		...(version !== undefined && { resourceVersion: version, resourceVersionMatch }),
		...(limit !== undefined && { limit }),
	};
}
