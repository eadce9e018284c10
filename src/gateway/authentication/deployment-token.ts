import type { Caller } from "../../api/request.ts";
import { ApiError, failure } from "../../api/status.ts";
import type { Env } from "../../env.ts";

export const AUTHENTICATED = "system:authenticated";

/** Whoever bears the admin token: may do everything, in every cluster. */
export const ADMIN: Caller = { user: "system:admin", groups: ["system:masters", AUTHENTICATED] };
/** Whoever bears the join token: may join nodes, and nothing else. */
export const JOINER: Caller = { user: "system:node-joiner", groups: ["system:bootstrappers", AUTHENTICATED] };

/** The secrets of a deployment. */
export type DeploymentTokens = Pick<Env, "KLAW_ADMIN_TOKEN" | "KLAW_JOIN_TOKEN">;

/** Who bears one of the deployment's own tokens; `undefined` for any other. */
export async function deploymentCaller(
	token: string,
	{ KLAW_ADMIN_TOKEN, KLAW_JOIN_TOKEN }: DeploymentTokens,
): Promise<Caller | undefined> {
	if (KLAW_ADMIN_TOKEN && (await sameText(token, KLAW_ADMIN_TOKEN))) return ADMIN;
	if (KLAW_JOIN_TOKEN && (await sameText(token, KLAW_JOIN_TOKEN))) return JOINER;
	return undefined;
}

/** The token of a request. @throws ApiError 401 that says what is missing, and never what was sent */
export function bearerToken(authorization: string | undefined, { KLAW_ADMIN_TOKEN }: DeploymentTokens, path: string): string {
	if (!KLAW_ADMIN_TOKEN) {
		throw unauthorized(
			"This deployment has no admin token, so it refuses every request. Set one with: wrangler secret put KLAW_ADMIN_TOKEN",
		);
	}
	const token = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
	if (token === undefined) throw unauthorized(`The request bears no token. ${whatToSend(path)}`);
	return token;
}

/** @returns 401 for a token that nobody here gave out */
export function unknownToken(path: string): ApiError {
	return unauthorized(`The request's token is not one of this deployment. ${whatToSend(path)}`);
}

function whatToSend(path: string): string {
	if (path.endsWith("/link")) {
		return "A node needs the deployment's join token: klaw node join URL --token TOKEN. It is the secret KLAW_JOIN_TOKEN.";
	}
	return "Send the header Authorization: Bearer TOKEN. The token is the secret KLAW_ADMIN_TOKEN, which stands in the kubeconfig of a laptop, or a ServiceAccount's: kubectl create token NAME.";
}

function unauthorized(message: string): ApiError {
	return new ApiError(failure("Unauthorized", message));
}

/** Compares digests, and all of them, so that the time it takes tells nothing about the secret. */
async function sameText(a: string, b: string): Promise<boolean> {
	const [left, right] = await Promise.all([a, b].map(sha256));
	let difference = 0;
	left?.forEach((byte, index) => {
		difference |= byte ^ (right?.[index] ?? 256);
	});
	return difference === 0;
}

async function sha256(text: string): Promise<Uint8Array> {
	return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
