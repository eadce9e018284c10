import { ApiError, failure } from "../status.ts";
import { isObject, type JsonObject, member } from "./json-value.ts";
import { badPatch, DIRECTIVE, directiveOf } from "./strategic-directive.ts";

type Merge = (original: unknown, patch: JsonObject) => JsonObject;

/**
 * A list with a patch for it, by the strategy `merge`: scalars are a set, objects are told apart by their merge key and
 * merged by `merge`. Items with `$patch: delete` go first; one with `$patch: replace` says that the rest replaces the list.
 */
export function mergeLists(original: readonly unknown[], patch: readonly unknown[], key: string | undefined, merge: Merge): unknown[] {
	if (key === undefined || ![...original, ...patch].some(isObject)) return [...new Set([...original, ...patch])];
	const items = patch.map((item) => {
		if (!isObject(item)) throw badPatch(`The list merges objects by ${JSON.stringify(key)}, and ${JSON.stringify(item)} is none.`);
		return { item, directive: directiveOf(item) };
	});
	const deleted = new Set(items.flatMap(({ item, directive }) => (directive === "delete" ? [keyOf(item, key)] : [])));
	const replaces = items.some(({ directive }) => directive === "replace");
	const merged = replaces ? [] : original.filter((item) => !deleted.has(identity(item, key)));
	const places = new Map(merged.map((item, index) => [identity(item, key), index]));
	for (const { item, directive } of items) {
		if (directive !== "merge") continue;
		const place = places.get(keyOf(item, key)) ?? merged.length;
		merged[place] = merge(merged[place], item);
		places.set(identity(item, key), place);
	}
	return merged;
}

/**
 * A list with the items of `order` in that order. Items that the order does not name stay before the items that they were
 * before in the live list.
 */
export function ordered(list: readonly unknown[], order: readonly unknown[], live: readonly unknown[], key: string | undefined): unknown[] {
	const rank = new Map(order.map((item, index) => [identity(item, key), index]));
	const livePlace = new Map(live.map((item, index) => [identity(item, key), index]));
	const rankOf = (item: unknown) => rank.get(identity(item, key)) ?? -1;
	const placeOf = (item: unknown) => livePlace.get(identity(item, key)) ?? -1;
	const named = list.filter((item) => rankOf(item) >= 0).sort((a, b) => rankOf(a) - rankOf(b));
	const result: unknown[] = [];
	let next = 0;
	for (const item of list.filter((other) => rankOf(other) < 0)) {
		const before = livePlace.get(identity(item, key)) ?? Number.POSITIVE_INFINITY;
		while (next < named.length && placeOf(named[next]) <= before) result.push(named[next++]);
		result.push(item);
	}
	return [...result, ...named.slice(next)];
}

function identity(item: unknown, key: string | undefined): string {
	return JSON.stringify(key !== undefined && isObject(item) ? member(item, key) : item) ?? "";
}

/** The identity of an item of a patch. @throws ApiError 422 when it has none */
function keyOf(item: JsonObject, key: string): string {
	if (member(item, key) !== undefined) return identity(item, key);
	const { [DIRECTIVE]: _, ...fields } = item;
	throw new ApiError(failure("Invalid", `map: ${JSON.stringify(fields)} does not contain declared merge key: ${key}`));
}
