import { type Context, Hono } from "hono";
import type { ResourceRef } from "../../api/request.ts";
import { ApiError } from "../../api/status.ts";
import { checkNamespace } from "../../resources/admit.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import { findKind } from "../../resources/registry.ts";
import { clusterPath } from "../cluster-path.ts";
import type { GatewayEnv } from "../context.ts";
import { methodNotAllowed, noSuchResource } from "../errors.ts";
import { operationOf } from "../operation.ts";
import { wantsWatch } from "../options/watch-options.ts";
import { isOfDispatcher } from "../owners.ts";
import { type ResourcePath, resourcePath } from "../resource-path.ts";
import { serveNodes } from "../serve-nodes.ts";
import { serveResource } from "../serve-resource.ts";

/** Objects of every kind that an object owns, and everything below them. */
export const resources = new Hono<GatewayEnv>();

for (const root of ["/api/*", "/apis/*"]) resources.all(root, answer);

async function answer(c: Context<GatewayEnv>): Promise<Response> {
	const named = resourcePath(clusterPath(new URL(c.req.url).pathname).path);
	const kind = named && findKind(named.resource.group, named.resource.version, named.resource.plural);
	if (!named || !kind || !fits(kind.scope, named) || !hasSubresource(kind, named.resource)) throw new ApiError(noSuchResource());
	if (named.namespace !== undefined) checkNamespace(named.namespace);
	const verb = operationOf(c.req.method, named, kind, wantsWatch(new URL(c.req.url).searchParams));
	if (!verb) throw new ApiError(methodNotAllowed());
	return isOfDispatcher(named.resource) ? serveNodes(c, kind, named, verb) : serveResource(c, kind, named, verb);
}

function hasSubresource(kind: KindDefinition, { subresource }: ResourceRef): boolean {
	return subresource === undefined || kind.subresources?.some(({ name }) => name === subresource) === true;
}

/** What is of the whole cluster is in no namespace, and one object of a namespace is in one. */
function fits(scope: "Namespaced" | "Cluster", { namespace, name }: ResourcePath): boolean {
	return scope === "Cluster" ? namespace === undefined : namespace !== undefined || name === undefined;
}
