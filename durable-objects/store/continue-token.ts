import { fromBase64Url, toBase64Url } from "../../src/api/base64url.ts";
import { ApiError, failure } from "../../src/api/status.ts";

/** Where a list goes on. */
export interface ContinueToken {
	/** Resource version of the first page: that of the whole list. */
	version: number;
	/** Name of the last object so far. */
	after: string;
}

export function writeContinueToken({ version, after }: ContinueToken): string {
	return toBase64Url(JSON.stringify({ v: "klaw.sh/v1", rv: version, start: after }));
}

/** @throws ApiError 400 in Kubernetes' words */
export function readContinueToken(token: string): ContinueToken {
	const refused = (why: string) => new ApiError(failure("BadRequest", `continue key is not valid: ${why}`));
	let value: unknown;
	try {
		value = JSON.parse(fromBase64Url(token));
	} catch {
		throw refused("it is not one that a list of this server ended with. Begin the list anew.");
	}
	if (typeof value !== "object" || value === null) throw refused("it holds no object");
	const { v, rv, start } = value as { v?: unknown; rv?: unknown; start?: unknown };
	if (v !== "klaw.sh/v1") throw refused("incorrect encoded start resourceVersion (version klaw.sh/v1)");
	if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv < 0 || typeof start !== "string" || start === "")
		throw refused("incorrect encoded start resourceVersion");
	return { version: rv, after: start };
}
