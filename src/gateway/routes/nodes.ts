import { Hono } from "hono";
import { ApiError, failure } from "../../api/status.ts";
import { checkName } from "../../resources/admit.ts";
import { nodeKind } from "../../resources/node/kind.ts";
import { JOINER } from "../authentication/deployment-token.ts";
import { authorize } from "../authorization.ts";
import type { GatewayEnv } from "../context.ts";
import { connectNode } from "../objects.ts";

/** Where node runtimes dial in: open to the join token, and to who may `create` the subresource `nodes/link`. */
export const nodeLink = new Hono<GatewayEnv>();

nodeLink.get("/api/v1/nodes/:name/link", async (c) => {
	const name = c.req.param("name");
	checkName(nodeKind, name);
	// Whoever is a node is given the commands of everybody's sessions.
	if (c.get("caller").user !== JOINER.user) {
		await authorize(c, { verb: "create", group: nodeKind.group, resource: `${nodeKind.plural}/link`, namespace: "", name });
	}
	if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
		throw new ApiError(
			failure("BadRequest", "This is where nodes dial in: it takes WebSocket upgrades only. Join a machine with klaw node join."),
		);
	}
	return connectNode(c.env, c.get("cluster"), name, c.req.raw);
});
