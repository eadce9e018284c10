import { ApiError, failure } from "../status.ts";

/** Objects and lists in each other: far more than any kind has, and few enough to walk without running out of stack. */
export const NESTING_LIMIT = 200;

/** @throws ApiError 400 for a value that is nested too deeply to work with; `JSON.parse` itself takes any depth */
export function checkNesting(value: unknown): void {
	if (isDeeper(value, NESTING_LIMIT))
		throw new ApiError(failure("BadRequest", `json: exceeded max depth: objects and lists may be nested ${NESTING_LIMIT} levels deep.`));
}

function isDeeper(value: unknown, levels: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (levels === 0) return true;
	return Object.values(value).some((item) => isDeeper(item, levels - 1));
}
