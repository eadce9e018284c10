import { isDeepStrictEqual } from "node:util";

export type JsonMap = { [key: string]: unknown };

export function isMap(value: unknown): value is JsonMap {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON Merge Patch (RFC 7386) that makes `after` of `before`. Empty when both are the same. */
export function mergePatch(before: JsonMap, after: JsonMap): JsonMap {
	const patch: JsonMap = {};
	for (const [key, value] of Object.entries(after)) {
		const old = Object.hasOwn(before, key) ? before[key] : undefined;
		if (isMap(old) && isMap(value)) {
			const inner = mergePatch(old, value);
			if (Object.keys(inner).length > 0) patch[key] = inner;
		} else if (!isDeepStrictEqual(old, value)) patch[key] = value;
	}
	for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
	return patch;
}

/** Applies a JSON Merge Patch. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
	if (!isMap(patch)) return patch;
	const result: JsonMap = isMap(target) ? { ...target } : {};
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) delete result[key];
		else result[key] = applyMergePatch(result[key], value);
	}
	return result;
}

/**
 * The patch of `apply`: what the user's file changes of the live object, and deletes because the file before it had it.
 * Whatever else the live object has is left to those who put it there.
 */
export function threeWayMergePatch(lastApplied: JsonMap, wanted: JsonMap, live: JsonMap): JsonMap {
	return combine(only(mergePatch(live, wanted), "changes"), only(mergePatch(lastApplied, wanted), "deletions"));
}

function only(patch: JsonMap, what: "changes" | "deletions"): JsonMap {
	const kept: JsonMap = {};
	for (const [key, value] of Object.entries(patch)) {
		if (isMap(value)) {
			const inner = only(value, what);
			// An empty map that was wanted is a change of its own.
			if (Object.keys(inner).length > 0 || (what === "changes" && Object.keys(value).length === 0)) kept[key] = inner;
		} else if ((value === null) === (what === "deletions")) kept[key] = value;
	}
	return kept;
}

function combine(changes: JsonMap, deletions: JsonMap): JsonMap {
	const both: JsonMap = { ...changes };
	for (const [key, value] of Object.entries(deletions)) {
		const change = both[key];
		if (change === undefined) both[key] = value;
		else if (isMap(change) && isMap(value)) both[key] = combine(change, value);
	}
	return both;
}
