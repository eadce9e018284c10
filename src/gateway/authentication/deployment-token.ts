import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Caller } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";
import type { Env } from "../../env.ts";

export const AUTHENTICATED = "system:authenticated";

/** Whoever bears the admin token: may do everything, in every cluster. */
export const ADMIN: Caller = { user: "system:admin", groups: ["system:masters", AUTHENTICATED] };

/** The secret of a deployment. */
export type DeploymentTokens = Pick<Env, "KLAW_ADMIN_TOKEN">;

const WHAT_TO_SEND =
	"Send the header Authorization: Bearer TOKEN. The token is the secret KLAW_ADMIN_TOKEN, which stands in the kubeconfig of a laptop, or a ServiceAccount's: kubectl create token NAME.";

/** Who bears the deployment's own token; `undefined` for any other. */
export function deploymentCaller(token: string, { KLAW_ADMIN_TOKEN }: DeploymentTokens): Caller | undefined {
	return KLAW_ADMIN_TOKEN && isSecret(token, KLAW_ADMIN_TOKEN) ? ADMIN : undefined;
}

/** The token of a request. @throws ApiError 401 that says what is missing, and never what was sent */
export function bearerToken(authorization: string | undefined, { KLAW_ADMIN_TOKEN }: DeploymentTokens): string {
	if (!KLAW_ADMIN_TOKEN) {
		throw unauthorized(
			"This deployment has no admin token, so it refuses every request. Set one with: wrangler secret put KLAW_ADMIN_TOKEN",
		);
	}
	const token = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
	if (token === undefined) throw unauthorized(`The request bears no token. ${WHAT_TO_SEND}`);
	return token;
}

/** @returns 401 for a token that nobody here gave out */
export function unknownToken(): ApiError {
	return unauthorized(`The request's token is not one of this deployment. ${WHAT_TO_SEND}`);
}

function unauthorized(message: string): ApiError {
	return new ApiError(failure("Unauthorized", message));
}

/** Digests of the deployment's tokens, which are compared with at every request. */
const digests = new Map<string, Uint8Array>();

function digestOf(secret: string): Uint8Array {
	const known = digests.get(secret);
	if (known) return known;
	const digest = sha256(utf8ToBytes(secret));
	digests.set(secret, digest);
	return digest;
}

/**
 * Compares digests, and all of them, so that the time it takes tells nothing about the secret. Not with Web Crypto, whose
 * digests every request would wait for a few times.
 */
function isSecret(text: string, secret: string): boolean {
	const [left, right] = [sha256(utf8ToBytes(text)), digestOf(secret)];
	let difference = 0;
	for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 256);
	return difference === 0;
}
