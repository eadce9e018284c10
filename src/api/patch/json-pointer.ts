import { isObject } from "./json-value.ts";

/** Where a JSON Pointer (RFC 6901) leads. */
export interface Place {
	/** The object or list that has or would have the value. */
	parent: unknown;
	key: string;
	/** `undefined`: nothing is there. */
	value: unknown;
}

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const INDEX = /^(?:0|[1-9]\d*)$/;

export function isPointer(text: string): boolean {
	return POINTER.test(text);
}

/** @example tokensOf("/a~1b/0") // ["a/b", "0"] */
export function tokensOf(pointer: string): string[] {
	return pointer
		.split("/")
		.slice(1)
		.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Where a pointer leads, or `undefined` when there is nothing on the way. Only own fields and true indices lead anywhere. */
export function locate(root: unknown, tokens: readonly string[]): Place | undefined {
	let place: Place = { parent: undefined, key: "", value: root };
	for (const key of tokens) {
		const parent = place.value;
		if (!isObject(parent) && !Array.isArray(parent)) return undefined;
		place = { parent, key, value: valueIn(parent, key) };
	}
	return place;
}

function valueIn(parent: unknown[] | Record<string, unknown>, key: string): unknown {
	if (Array.isArray(parent)) return INDEX.test(key) ? parent[Number(key)] : undefined;
	return Object.hasOwn(parent, key) ? parent[key] : undefined;
}

/** Whether a value can be added at a place of a list: at an index of it, at its end, or at `-`, which is its end. */
export function isInsertion(key: string, length: number): boolean {
	return key === "-" || (INDEX.test(key) && Number(key) <= length);
}
