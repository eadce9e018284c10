import { ApiError, type Cause, invalid } from "../status.ts";

/** How long a token is good when nobody says, as in Kubernetes. */
export const DEFAULT_EXPIRATION_SECONDS = 3600;
/** Kubernetes' least. */
const LEAST_SECONDS = 600;
/** 90 days. */
const LONGEST_SECONDS = 90 * 24 * 3600;
const TOKEN_REQUEST = { group: "authentication.k8s.io", kind: "TokenRequest", plural: "tokenrequests" };

/**
 * How long a token is good. As in Kubernetes, more than the longest is shortened, with a warning.
 * @throws ApiError 422 in Kubernetes' words
 */
export function expirationOf(asked = DEFAULT_EXPIRATION_SECONDS): { seconds: number; warnings: string[] } {
	if (asked < LEAST_SECONDS) throw refused(asked, "may not specify a duration less than 10 minutes");
	if (asked > 2 ** 32) throw refused(asked, "may not specify a duration larger than 2^32 seconds");
	if (asked <= LONGEST_SECONDS) return { seconds: asked, warnings: [] };
	return { seconds: LONGEST_SECONDS, warnings: [`requested expiration of ${asked} seconds shortened to ${LONGEST_SECONDS} seconds`] };
}

function refused(asked: number, why: string): ApiError {
	const cause: Cause = { reason: "FieldValueInvalid", field: "spec.expirationSeconds", message: `Invalid value: ${asked}: ${why}` };
	return new ApiError(invalid(TOKEN_REQUEST, "", [cause]));
}
