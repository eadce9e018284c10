import type { Context } from "hono";
import { attributesOf } from "../api/rbac/attributes.ts";
import type { ListOptions, ListPage } from "../api/request.ts";
import type { KindDefinition } from "../resources/kind.ts";
import { auditRecordKind } from "../resources/virtual/audit-record.ts";
import { asList, sendList } from "./answers/send.ts";
import type { GatewayEnv } from "./context.ts";
import { mergedPages } from "./lists/merged-pages.ts";
import { pages } from "./lists/pages.ts";
import { listOptions } from "./options/list-options.ts";
import { askPage, namespacesFor } from "./owners.ts";
import type { ResourcePath } from "./resource-path.ts";
import { askedOf } from "./serve-resource.ts";

/** What the Cluster has for those kinds that it has too; it sorts before every namespace. */
const CLUSTER_ITSELF = "";

/** @throws ApiError */
export async function serveList(c: Context<GatewayEnv>, kind: KindDefinition, named: ResourcePath): Promise<Response> {
	const how = asList(c);
	const options = listOptions(new URL(c.req.url).searchParams);
	const page = (namespace: string | undefined, list: ListOptions): Promise<ListPage> =>
		askPage(c.env, c.get("cluster"), { ...askedOf(c, { ...named, namespace }), verb: "list", list });
	if (kind.scope === "Cluster" || named.namespace !== undefined) {
		return sendList(
			c,
			kind,
			pages((list) => page(named.namespace, list), options),
			how,
		);
	}
	const attributes = attributesOf({ ...askedOf(c, named), verb: "list", list: options });
	const names = await namespacesFor(c.env, c.get("cluster"), c.get("caller"), attributes);
	const everywhere = {
		// What was done to the cluster itself is recorded there.
		names: kind === auditRecordKind ? [CLUSTER_ITSELF, ...names] : names,
		page: (namespace: string, list: ListOptions) => page(namespace === CLUSTER_ITSELF ? undefined : namespace, list),
	};
	return sendList(c, kind, mergedPages(everywhere, options), how);
}
