import { type Context, Hono } from "hono";
import { workspaceName } from "../../../durable-objects/session/state.ts";
import { nodeMetrics, podMetrics, type Usage } from "../../api/pods/metrics.ts";
import { SUPERUSERS } from "../../api/rbac/authorizer.ts";
import type { Attributes, Caller, ListOptions } from "../../api/request.ts";
import { parseFieldSelector } from "../../api/selectors/field-selector.ts";
import { parseLabelSelector } from "../../api/selectors/label-selector.ts";
import { ApiError, notFound } from "../../api/status.ts";
import { checkName, checkNamespace } from "../../resources/admit.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import { type Pod, SESSION_UID } from "../../resources/pod/pod-of.ts";
import type { BaseResource } from "../../resources/resource.ts";
import { nodeMetricsKind, podMetricsKind } from "../../resources/virtual/metrics.ts";
import { asList, asOne, sendObject, sendReply } from "../answers/send.ts";
import { authorize } from "../authorization.ts";
import type { GatewayEnv } from "../context.ts";
import { pages } from "../lists/pages.ts";
import { machineUsage, usageByWorkspace } from "../machine-usage.ts";
import { listOptions } from "../options/list-options.ts";
import { askPage } from "../owners.ts";

/** What nodes and pods use: `metrics.k8s.io`, for `kubectl top`. Measured when it is asked for, never stored. */
export const metrics = new Hono<GatewayEnv>();

const ROOT = "/apis/metrics.k8s.io/v1beta1";
/** Looks up which pods there are, for callers who may see what those use. */
const READER: Caller = { user: "system:klaw:metrics", groups: [SUPERUSERS] };

metrics.get(`${ROOT}/nodes`, async (c) => {
	await authorize(c, asking(nodeMetricsKind, "list"));
	const how = asList(c);
	const { labelSelector, fieldSelector } = listOptions(new URL(c.req.url).searchParams);
	const [labels, fields] = [parseLabelSelector(labelSelector), parseFieldSelector(fieldSelector, nodeMetricsKind)];
	const machines = await machineUsage(c.env, c.get("cluster"));
	const items = machines
		.map(({ record, stats }) => nodeMetrics(record, stats))
		.filter((item) => labels.matches(item.metadata.labels) && fields.matches(item))
		.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
	return sendReply(c, nodeMetricsKind, { type: "list", items, resourceVersion: "" }, how);
});

metrics.get(`${ROOT}/nodes/:name`, async (c) => {
	const name = c.req.param("name");
	checkName(nodeMetricsKind, name);
	await authorize(c, asking(nodeMetricsKind, "get", { name }));
	const how = asOne(c);
	const [machine] = await machineUsage(c.env, c.get("cluster"), name);
	if (!machine) throw new ApiError(notFound(nodeMetricsKind, name));
	return sendObject(c, nodeMetricsKind, { object: nodeMetrics(machine.record, machine.stats) }, how);
});

metrics.get(`${ROOT}/pods`, async (c) => {
	await authorize(c, asking(podMetricsKind, "list"));
	return sendPods(c, undefined);
});

metrics.get(`${ROOT}/namespaces/:namespace/pods`, async (c) => {
	const namespace = c.req.param("namespace");
	checkNamespace(namespace);
	await authorize(c, asking(podMetricsKind, "list", { namespace }));
	return sendPods(c, namespace);
});

metrics.get(`${ROOT}/namespaces/:namespace/pods/:name`, async (c) => {
	const { namespace, name } = c.req.param();
	checkNamespace(namespace);
	checkName(podMetricsKind, name);
	await authorize(c, asking(podMetricsKind, "get", { namespace, name }));
	const how = asOne(c);
	const [object] = await podsOf(c, namespace, await usage(c), { fieldSelector: `metadata.name=${name}` });
	if (!object) throw new ApiError(notFound(podMetricsKind, name));
	return sendObject(c, podMetricsKind, { object }, how);
});

async function sendPods(c: Context<GatewayEnv>, namespace: string | undefined): Promise<Response> {
	const how = asList(c);
	const { labelSelector, fieldSelector } = listOptions(new URL(c.req.url).searchParams);
	const used = await usage(c);
	// Whatever is used is used in one of these: no namespace without a machine needs to be asked.
	const namespaces =
		namespace === undefined ? [...new Set([...used.keys()].map((workspace) => workspace.split(".", 1)[0] ?? ""))].sort() : [namespace];
	const items: BaseResource[] = [];
	for (const one of namespaces) items.push(...(await podsOf(c, one, used, { labelSelector, fieldSelector })));
	return sendReply(c, podMetricsKind, { type: "list", items, resourceVersion: "" }, how);
}

/** What every workspace uses; nothing for sessions that hold a node and run nothing. */
async function usage(c: Context<GatewayEnv>): Promise<Map<string, Usage>> {
	return usageByWorkspace(await machineUsage(c.env, c.get("cluster")));
}

/** Pods with what they use; one that runs nothing uses nothing. */
async function podsOf(c: Context<GatewayEnv>, namespace: string, used: ReadonlyMap<string, Usage>, list: ListOptions) {
	const resource = { group: "", version: "v1", plural: "pods" };
	const page = (list: ListOptions) => askPage(c.env, c.get("cluster"), { verb: "list", caller: READER, resource, namespace, list });
	const nothing: Usage = { cpu: 0, memory: 0, at: Date.now(), windowMs: 0 };
	const found: BaseResource[] = [];
	for await (const { items } of pages(page, list)) {
		for (const pod of items as Pod[]) {
			const { name, annotations = {} } = pod.metadata;
			const uid = annotations[SESSION_UID] ?? "";
			found.push(podMetrics(pod.metadata, used.get(workspaceName({ namespace, name, uid })) ?? nothing));
		}
	}
	return found;
}

function asking({ group, plural }: KindDefinition, verb: "get" | "list", { namespace = "", name = "" } = {}): Attributes {
	return { verb, group, resource: plural, namespace, name };
}
