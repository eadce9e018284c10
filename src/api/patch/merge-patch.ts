import { isObject } from "./json-value.ts";
import { checkNesting } from "./nesting.ts";

/**
 * Applies a JSON Merge Patch (RFC 7386): objects merge, `null` deletes, everything else replaces. Neither argument is
 * changed; the result shares with both what it can.
 * @throws ApiError 400 for a patch that is nested too deeply
 * @example applyMergePatch({ a: 1, b: 2 }, { a: null, c: 3 }) // { b: 2, c: 3 }
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
	checkNesting(patch);
	return merge(target, patch);
}

function merge(target: unknown, patch: unknown): unknown {
	if (!isObject(patch)) return patch;
	// A Map takes every name as it is; assigning `__proto__` to an object would not.
	const merged = new Map(isObject(target) ? Object.entries(target) : []);
	for (const [key, value] of Object.entries(patch)) {
		if (value === null) merged.delete(key);
		else merged.set(key, merge(merged.get(key), value));
	}
	return Object.fromEntries(merged);
}
