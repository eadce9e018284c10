import { Hono } from "hono";
import { ApiError, failure } from "../../api/status.ts";
import { checkName } from "../../resources/admit.ts";
import { nodeKind } from "../../resources/node/kind.ts";
import type { GatewayEnv } from "../context.ts";
import { connectNode } from "../objects.ts";

/** Where node runtimes dial in; open to the join token. */
export const nodeLink = new Hono<GatewayEnv>();

nodeLink.get("/api/v1/nodes/:name/link", (c) => {
	const name = c.req.param("name");
	checkName(nodeKind, name);
	if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
		throw new ApiError(
			failure("BadRequest", "This is where nodes dial in: it takes WebSocket upgrades only. Join a machine with klaw node join."),
		);
	}
	return connectNode(c.env, c.get("cluster"), name, c.req.raw);
});
