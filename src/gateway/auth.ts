import { createMiddleware } from "hono/factory";
import { ApiError, failure } from "../api/status.ts";
import type { Env } from "../env.ts";
import type { GatewayEnv, Identity } from "./context.ts";

export const ADMIN: Identity = { user: "system:admin", groups: ["system:masters"] };
/** Whoever bears the join token: may join nodes, and nothing else. */
export const JOINER: Identity = { user: "system:node-joiner", groups: ["system:bootstrappers"] };

/** Finds out who sent the request. @throws ApiError 401 */
export const authenticate = createMiddleware<GatewayEnv>(async (c, next) => {
	c.set("identity", await identify(c.req.header("Authorization"), c.env, c.req.path));
	await next();
});

/** Lets only an administrator pass. @throws ApiError 403 */
export const adminOnly = createMiddleware<GatewayEnv>(async (c, next) => {
	const { user } = c.get("identity");
	if (user !== ADMIN.user) {
		throw new ApiError(failure("Forbidden", `${user} may only join nodes. Use the admin token for ${c.req.method} ${c.req.path}.`));
	}
	await next();
});

/** @throws ApiError 401 that says what is missing, and never what was sent */
export async function identify(
	authorization: string | undefined,
	{ KLAW_ADMIN_TOKEN, KLAW_JOIN_TOKEN }: Pick<Env, "KLAW_ADMIN_TOKEN" | "KLAW_JOIN_TOKEN">,
	path: string,
): Promise<Identity> {
	const refused = (message: string) => new ApiError(failure("Unauthorized", message));
	if (!KLAW_ADMIN_TOKEN) {
		throw refused("This deployment has no admin token, so it refuses every request. Set one with: wrangler secret put KLAW_ADMIN_TOKEN");
	}
	const token = bearerToken(authorization);
	const what = /\/link$/.test(path)
		? "A node needs the deployment's join token: klaw node join URL --token TOKEN. It is the secret KLAW_JOIN_TOKEN."
		: "Send the header Authorization: Bearer TOKEN. The token is the secret KLAW_ADMIN_TOKEN, and it stands in the kubeconfig of a laptop.";
	if (token === undefined) throw refused(`The request bears no token. ${what}`);
	if (await sameText(token, KLAW_ADMIN_TOKEN)) return ADMIN;
	if (KLAW_JOIN_TOKEN && (await sameText(token, KLAW_JOIN_TOKEN))) return JOINER;
	throw refused(`The request's token is not one of this deployment. ${what}`);
}

function bearerToken(authorization = ""): string | undefined {
	return /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
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
