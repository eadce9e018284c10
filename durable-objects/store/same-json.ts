/**
 * Whether two values would be stored as the same: the order of fields does not count, and a field that is `undefined` is
 * none. It ends at the first difference, which most writes have near the beginning.
 */
export function sameJson(a: unknown, b: unknown): boolean {
	if (a === b) return true;
	if (Array.isArray(a) || Array.isArray(b)) {
		return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
	}
	if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
	return fieldsIn(a, b) && fieldsIn(b, a, false);
}

/** Whether `b` has every field of `a`, and with the same value, if `deep`. */
function fieldsIn(a: object, b: object, deep = true): boolean {
	for (const [key, value] of Object.entries(a)) {
		if (value === undefined) continue;
		const other: unknown = Object.hasOwn(b, key) ? Reflect.get(b, key) : undefined;
		if (other === undefined || (deep && !sameJson(value, other))) return false;
	}
	return true;
}
