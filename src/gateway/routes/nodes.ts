import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import { nodeObjectName } from "../../../durable-objects/names.ts";
import { callTwice } from "../../api/call.ts";
import { ApiError, failure, unwrap } from "../../api/status.ts";
import { checkName } from "../../resources/admit.ts";
import { nodeKind } from "../../resources/node/kind.ts";
import { joinerWith, joinTokenOf, requireCredential, unknownJoinToken } from "../authentication/node-token.ts";
import { audit } from "../authorization.ts";
import { limitBody, requireBody } from "../body.ts";
import { clusterPath } from "../cluster-path.ts";
import type { GatewayEnv } from "../context.ts";
import { askDispatcher, connectNode } from "../objects.ts";
import { clusterExists } from "../owners.ts";
import { reached } from "../reached.ts";

/**
 * Where machines join and dial in. They are no callers of the API: a machine shows a join token to become a node, and from
 * then on that node's own credential, which opens nothing else.
 */
export const nodes = new Hono<GatewayEnv>();

/** More is ignored, so that a newer machine may say more of itself. */
const joinSchema = z.object({
	/** Tells a restart of this machine's runtime from another machine. */
	uid: z.string().min(1).max(128),
	/** That it has of this node already: whoever knows no more than the uid of a machine is not that machine. */
	credential: z.string().max(512).optional(),
});

/** Nothing is asked for those who bear nothing, and whether there is such a cluster is nothing to tell them. @throws ApiError 401 */
const knock = createMiddleware<GatewayEnv>(async (c, next) => {
	const authorization = c.req.header("Authorization");
	if (c.req.method === "POST") joinTokenOf(authorization);
	else requireCredential(authorization);
	const { cluster } = clusterPath(new URL(c.req.url).pathname);
	if (!(await clusterExists(c.env, cluster))) throw unknownJoinToken();
	c.set("cluster", cluster);
	await next();
});

nodes.post("/api/v1/nodes/:name/join", knock, limitBody, async (c) => {
	const [cluster, name] = [c.get("cluster"), c.req.param("name")];
	checkName(nodeKind, name);
	const { uid, credential } = readJoin(await requireBody(c));
	const token = joinTokenOf(c.req.header("Authorization"));
	const { name: tokenName } = unwrap(await askDispatcher(c.env, cluster, async (stub) => stub.redeemJoinToken(token, { node: name, uid })));
	c.set("caller", joinerWith(tokenName));
	const joined = await reached(`Node ${name}`, () =>
		callTwice(
			() => c.env.NODE.getByName(nodeObjectName(name, cluster)),
			async (stub) => stub.join({ uid, credential }),
		),
	);
	const attributes = { verb: "create", group: nodeKind.group, resource: `${nodeKind.plural}/join`, namespace: "", name };
	await audit(c, attributes, joined.ok ? { code: 201 } : joined.status);
	return c.json(unwrap(joined), 201);
});

nodes.get("/api/v1/nodes/:name/link", knock, async (c) => {
	const name = c.req.param("name");
	checkName(nodeKind, name);
	if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
		throw new ApiError(
			failure("BadRequest", "This is where nodes dial in: it takes WebSocket upgrades only. Join a machine with klaw node join."),
		);
	}
	return connectNode(c.env, c.get("cluster"), name, c.req.raw);
});

/** @throws ApiError 400 */
function readJoin(body: unknown): z.output<typeof joinSchema> {
	const parsed = joinSchema.safeParse(body);
	if (parsed.success) return parsed.data;
	throw new ApiError(failure("BadRequest", "A machine that joins sends its uid, a text of 1 to 128 characters. Upgrade its klaw."));
}
