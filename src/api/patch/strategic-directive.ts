import { ApiError, failure } from "../status.ts";
import type { JsonObject } from "./json-value.ts";

export const DIRECTIVE = "$patch";
export const RETAIN = "$retainKeys";
export const DELETE_FROM = "$deleteFromPrimitiveList/";
export const ORDER = "$setElementOrder/";

/** What becomes of an object or of an item of a list. Absent: `merge`. */
export type Directive = "merge" | "replace" | "delete";

/** @throws ApiError 400 for a directive that does not exist */
export function directiveOf(patch: JsonObject): Directive {
	const directive = patch[DIRECTIVE] ?? "merge";
	if (directive === "merge" || directive === "replace" || directive === "delete") return directive;
	throw badPatch(`Unknown patch type ${JSON.stringify(directive)}: ${DIRECTIVE} is one of merge, replace, delete.`);
}

/** Directives about lists, by the name of the list. @throws ApiError 400 */
export function namesIn(fields: JsonObject, prefix: string): [name: string, items: unknown[]][] {
	return Object.entries(fields)
		.filter(([name]) => name.startsWith(prefix))
		.map(([name, items]) => {
			if (!Array.isArray(items)) throw badPatch(`${name} must be a list.`);
			return [name.slice(prefix.length), items];
		});
}

export function badPatch(why: string): ApiError {
	return new ApiError(failure("BadRequest", `invalid strategic merge patch: ${why}`));
}
