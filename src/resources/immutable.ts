import type { Cause } from "../api/status.ts";
import { canonicalJson } from "./digest.ts";
import { shown } from "./metadata.ts";

/** Kubernetes' cause for a field that may not change, if it did. `field` is its path from the object's root. */
export function immutable(field: string, old: unknown, next: unknown): Cause[] {
	if (canonicalJson(old) === canonicalJson(next)) return [];
	return [{ reason: "FieldValueInvalid", field, message: `Invalid value: ${shown(next)}: field is immutable` }];
}
