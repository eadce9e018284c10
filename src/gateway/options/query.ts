/** Query parameters, read as Kubernetes reads them. */
import { ApiError, type Cause, failure, invalid } from "../../api/status.ts";

export type Query = Pick<URLSearchParams, "get" | "getAll" | "has">;

/** The text of a parameter; one that is empty is absent. */
export function text(query: Query, name: string): string | undefined {
	return query.get(name) || undefined;
}

/** Whatever is neither `false` nor `0` is true. */
export function flag(query: Query, name: string): boolean | undefined {
	const value = query.get(name);
	return value === null ? undefined : !(value === "0" || value.toLowerCase() === "false");
}

/** @throws ApiError 400 for what is no whole number */
export function integer(query: Query, name: string): number | undefined {
	const value = text(query, name);
	if (value === undefined) return undefined;
	if (/^[+-]?\d{1,15}$/.test(value)) return Number(value);
	throw new ApiError(failure("BadRequest", `strconv.ParseInt: parsing ${JSON.stringify(value.slice(0, 100))}: invalid syntax`));
}

/** The object that Kubernetes decodes a request's options into; named in the message when they are refused. */
export type OptionsKind = "CreateOptions" | "UpdateOptions" | "PatchOptions" | "DeleteOptions" | "ListOptions";

/** @throws ApiError 422 when there are causes */
export function refuseOptions(kind: OptionsKind, causes: Cause[]): void {
	if (causes.length > 0) throw new ApiError(invalid({ group: "meta.k8s.io", kind, plural: kind }, "", causes));
}

export function forbidden(field: string, why: string): Cause {
	return { reason: "FieldValueForbidden", field, message: `Forbidden: ${why}` };
}

/** `shown` is the value as Go prints it. */
export function notSupported(field: string, shown: string, supported: readonly string[]): Cause {
	const values = supported.map((value) => JSON.stringify(value)).join(", ");
	return { reason: "FieldValueNotSupported", field, message: `Unsupported value: ${shown}: supported values: ${values}` };
}
