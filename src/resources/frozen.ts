import type { Cause } from "../api/status.ts";
import { canonicalJson } from "./digest.ts";

/** What Kubernetes says of changes to a ConfigMap or Secret that has `immutable: true`, of any of its `fields`. */
export function frozenCauses<T extends { immutable?: boolean | undefined }>(
	old: T,
	next: T,
	fields: readonly (keyof T & string)[],
): Cause[] {
	if (!old.immutable) return [];
	const changed: string[] = fields.filter((field) => canonicalJson(old[field] ?? {}) !== canonicalJson(next[field] ?? {}));
	if (!next.immutable) changed.unshift("immutable");
	return changed.map((field) => ({
		reason: "FieldValueForbidden",
		field,
		message: "Forbidden: field is immutable when `immutable` is set",
	}));
}
