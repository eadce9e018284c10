import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import type { Caller } from "../../api/request.ts";
import { ApiError, notFound } from "../../api/status.ts";
import { looksLikeToken } from "../../api/tokens/verify.ts";
import { clusterKind } from "../../resources/cluster/kind.ts";
import { authorize } from "../authorization.ts";
import { clusterPath } from "../cluster-path.ts";
import type { GatewayEnv } from "../context.ts";
import { clusterExists, publicKeys, serviceAccountIs } from "../owners.ts";
import { bearerToken, deploymentCaller, unknownToken } from "./deployment-token.ts";
import { impersonated, impersonation } from "./impersonation.ts";
import { ServiceAccountTokens } from "./service-account.ts";

/** One for the isolate: it keeps the keys of clusters between requests. */
const tokens = new ServiceAccountTokens();

/** Finds out who sent the request, and to which cluster. @throws ApiError 401, or 404 when there is no such cluster */
export const authenticate = createMiddleware<GatewayEnv>(async (c, next) => {
	const { cluster } = clusterPath(new URL(c.req.url).pathname);
	c.set("cluster", cluster);
	c.set("caller", await identify(c, cluster));
	await next();
});

async function identify({ env, req }: Context<GatewayEnv>, cluster: string): Promise<Caller> {
	const token = bearerToken(req.header("Authorization"), env);
	const caller = deploymentCaller(token, env);
	if (!caller && !looksLikeToken(token)) throw unknownToken();
	if (!(await clusterExists(env, cluster))) {
		// Whether there is such a cluster is nothing to tell a stranger.
		throw caller ? new ApiError(notFound(clusterKind, cluster)) : unknownToken();
	}
	if (caller) return caller;
	return tokens.caller(cluster, token, {
		keys: (name) => publicKeys(env, name),
		stands: ({ namespace, ...account }) => serviceAccountIs(env, { cluster, namespace }, account),
		now: Date.now,
	});
}

/** Lets a caller act as somebody else, if they may. @throws ApiError 400 or 403 */
export const impersonate = createMiddleware<GatewayEnv>(async (c, next) => {
	const asked = impersonation(c.req.raw.headers);
	if (asked) {
		for (const attributes of asked.needs) await authorize(c, attributes);
		c.set("caller", impersonated(asked, c.get("caller")));
	}
	await next();
});
