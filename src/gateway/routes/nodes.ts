import { type Context, Hono } from "hono";
import { ApiError, failure, notFound, success } from "../../api/status.ts";
import { checkName } from "../../resources/admit.ts";
import { nodeFromRecord } from "../../resources/node/from-record.ts";
import { nodeKind } from "../../resources/node/kind.ts";
import type { GatewayEnv } from "../context.ts";
import { checkListOptions } from "../list-options.ts";
import { askDispatcher, connectNode } from "../objects.ts";
import { sendList, sendObject } from "../respond.ts";

const NODES = "/api/v1/nodes";

/** Where node runtimes dial in; open to the join token. */
export const nodeLink = new Hono<GatewayEnv>();

nodeLink.get(`${NODES}/:name/link`, (c) => {
	const name = nodeName(c);
	if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
		throw new ApiError(
			failure("BadRequest", "This is where nodes dial in: it takes WebSocket upgrades only. Join a machine with klaw node join."),
		);
	}
	return connectNode(c.env, name, c.req.raw);
});

/** Nodes, as the dispatcher knows them. */
export const nodes = new Hono<GatewayEnv>();

nodes.get(NODES, (c) => {
	checkListOptions(c);
	return sendList(c, nodeKind, async () => {
		const records = await askDispatcher(c.env, async (stub) => stub.listNodes());
		const items = records.map(nodeFromRecord).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
		const newest = Math.max(0, ...items.map(({ metadata }) => Number(metadata.resourceVersion)));
		return { items, resourceVersion: String(newest) };
	});
});

nodes.get(`${NODES}/:name`, async (c) => sendObject(c, nodeKind, nodeFromRecord(await existing(c))));

nodes.delete(`${NODES}/:name`, async (c) => {
	const { name, uid } = await existing(c);
	await askDispatcher(c.env, async (stub) => stub.deleteNode(name));
	return c.json(success(nodeKind, name, uid));
});

async function existing(c: Context<GatewayEnv, `${typeof NODES}/:name`>) {
	const name = nodeName(c);
	const record = await askDispatcher(c.env, async (stub) => stub.getNode(name));
	if (!record) throw new ApiError(notFound(nodeKind, name));
	return record;
}

function nodeName(c: Context<GatewayEnv, `${typeof NODES}/:name`>): string {
	const name = c.req.param("name");
	checkName(nodeKind, name);
	return name;
}
