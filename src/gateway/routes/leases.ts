import { type Context, Hono } from "hono";
import { parseFieldSelector } from "../../api/selectors/field-selector.ts";
import { parseLabelSelector } from "../../api/selectors/label-selector.ts";
import { ApiError, notFound } from "../../api/status.ts";
import { checkName, checkNamespace } from "../../resources/admit.ts";
import { apiVersionOf } from "../../resources/kind.ts";
import { leaseKind, NODE_LEASES } from "../../resources/lease/kind.ts";
import { leaseOfNode } from "../../resources/lease/of-node.ts";
import { asList, asOne, sendObject, sendReply } from "../answers/send.ts";
import { authorize } from "../authorization.ts";
import type { GatewayEnv } from "../context.ts";
import { askDispatcher } from "../objects.ts";
import { listOptions } from "../options/list-options.ts";

/** Heartbeats of nodes, made from what the dispatcher knows when they are asked for. */
export const leases = new Hono<GatewayEnv>();

const { group, plural } = leaseKind;
const ROOT = `/apis/${apiVersionOf(leaseKind)}`;

leases.get(`${ROOT}/${plural}`, (c) => sendLeases(c, ""));

leases.get(`${ROOT}/namespaces/:namespace/${plural}`, (c) => {
	const namespace = c.req.param("namespace");
	checkNamespace(namespace);
	return sendLeases(c, namespace);
});

leases.get(`${ROOT}/namespaces/:namespace/${plural}/:name`, async (c) => {
	const { namespace, name } = c.req.param();
	checkNamespace(namespace);
	checkName(leaseKind, name);
	await authorize(c, { verb: "get", group, resource: plural, namespace, name });
	const how = asOne(c);
	const [object] = namespace === NODE_LEASES ? (await allLeases(c)).filter(({ metadata }) => metadata.name === name) : [];
	if (!object) throw new ApiError(notFound(leaseKind, name));
	return sendObject(c, leaseKind, { object }, how);
});

/** @param namespace `""`: all */
async function sendLeases(c: Context<GatewayEnv>, namespace: string): Promise<Response> {
	await authorize(c, { verb: "list", group, resource: plural, namespace, name: "" });
	const how = asList(c);
	const { labelSelector, fieldSelector } = listOptions(new URL(c.req.url).searchParams);
	const [labels, fields] = [parseLabelSelector(labelSelector), parseFieldSelector(fieldSelector, leaseKind)];
	const all = namespace === "" || namespace === NODE_LEASES ? await allLeases(c) : [];
	const items = all.filter((lease) => labels.matches(lease.metadata.labels) && fields.matches(lease));
	return sendReply(c, leaseKind, { type: "list", items, resourceVersion: "" }, how);
}

async function allLeases(c: Context<GatewayEnv>) {
	const records = await askDispatcher(c.env, c.get("cluster"), async (stub) => stub.listNodes());
	return records.map(leaseOfNode).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
