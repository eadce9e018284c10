/** What patches need to know of JSON values. Only own fields count, because any name is a name here: `constructor`, `__proto__`. */

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of an object; `undefined` where there is none, or no object. */
export function member(object: unknown, key: string): unknown {
	return isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Whether two values are the same JSON. The order of fields does not count. */
export function equalJson(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
	if (!isObject(a) || !isObject(b)) return false;
	const keys = Object.keys(a);
	return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equalJson(a[key], b[key]));
}

/** A value without the fields that are `null`: Go writes it for what is not set. */
export function withoutNulls(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutNulls);
	if (!isObject(value)) return value;
	const fields = Object.entries(value).filter(([, field]) => field !== null);
	return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]));
}
