import type { ResourceRef } from "../api/request.ts";

/** What a path of the API names. */
export interface ResourcePath {
	resource: ResourceRef;
	namespace?: string;
	/** Absent: all objects of the kind. */
	name?: string;
}

/** What follows the name of a Namespace and is not one of its kinds. */
const SUBRESOURCES_OF_NAMESPACES = new Set(["status", "finalize"]);

/**
 * `undefined` for a path that names no resource.
 *
 * @param path still percent-encoded, so that a slash in a name is no separator
 * @example resourcePath("/api/v1/namespaces/a/pods/x/log")
 */
export function resourcePath(path: string): ResourcePath | undefined {
	const segments = decoded(path);
	if (!segments) return undefined;
	const [root, ...rest] = segments;
	if (root === "api") {
		const [version, ...named] = rest;
		return version === undefined ? undefined : resourceIn("", version, named);
	}
	if (root === "apis") {
		const [group, version, ...named] = rest;
		return group === undefined || version === undefined ? undefined : resourceIn(group, version, named);
	}
	return undefined;
}

function resourceIn(group: string, version: string, segments: readonly string[]): ResourcePath | undefined {
	const [first, namespace, plural, ...rest] = segments;
	if (first === "namespaces" && namespace !== undefined && plural !== undefined && !(group === "" && isOfNamespace(plural, rest))) {
		return named({ group, version, plural }, rest, namespace);
	}
	const [whole, ...others] = segments;
	return whole === undefined ? undefined : named({ group, version, plural: whole }, others);
}

function isOfNamespace(segment: string, rest: readonly string[]): boolean {
	return rest.length === 0 && SUBRESOURCES_OF_NAMESPACES.has(segment);
}

function named(resource: ResourceRef, [name, subresource, ...more]: readonly string[], namespace?: string): ResourcePath | undefined {
	if (more.length > 0) return undefined;
	return {
		resource: subresource === undefined ? resource : { ...resource, subresource },
		...(namespace === undefined ? {} : { namespace }),
		...(name === undefined ? {} : { name }),
	};
}

/** The segments of a path; a slash at its end is none. */
function decoded(path: string): string[] | undefined {
	const segments = path.replace(/^\//, "").replace(/\/$/, "").split("/");
	if (segments.includes("")) return undefined;
	try {
		return segments.map(decodeURIComponent);
	} catch {
		return undefined;
	}
}
