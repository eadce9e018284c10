import { toBase64Url } from "../../api/base64url.ts";
import { jsonOfBase64Url, type MergedVersion, versionsIn } from "../../api/merged-version.ts";
import { ApiError, failure } from "../../api/status.ts";

const FORMAT = "klaw.sh/v1";

/** Where a list of all namespaces goes on. */
export interface MergedContinue {
	/** Versions of the whole list: those of its first page. */
	versions: MergedVersion;
	/** The namespace that was read last. */
	namespace: string;
	/** Its own token; absent when all of it was read. */
	token?: string;
	/** Objects in the namespaces after it; absent when nobody counted. */
	later?: number;
}

export function writeMergedContinue({ versions, namespace, token, later }: MergedContinue): string {
	return toBase64Url(JSON.stringify({ v: FORMAT, rv: Object.fromEntries(versions), start: namespace, c: token, n: later }));
}

/** @throws ApiError 400 in Kubernetes' words */
export function readMergedContinue(text: string): MergedContinue {
	const value = jsonOfBase64Url(text);
	if (typeof value !== "object" || value === null) {
		throw refused("it is not one that a list of this server ended with. Begin the list anew.");
	}
	const { v, rv, start, c, n } = value as { v?: unknown; rv?: unknown; start?: unknown; c?: unknown; n?: unknown };
	const versions = versionsIn(rv);
	if (v !== FORMAT || !versions) throw refused(`incorrect encoded start resourceVersion (version ${FORMAT})`);
	if (typeof start !== "string" || (c !== undefined && typeof c !== "string")) throw refused("encoded start key empty");
	return { versions, namespace: start, ...(c !== undefined && { token: c }), ...(typeof n === "number" && { later: n }) };
}

function refused(why: string): ApiError {
	return new ApiError(failure("BadRequest", `continue key is not valid: ${why}`));
}
