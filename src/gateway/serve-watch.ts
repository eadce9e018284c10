import type { Context } from "hono";
import { attributesOf } from "../api/rbac/attributes.ts";
import type { WatchRequest } from "../api/request.ts";
import { renderEvent, type WatchEvent } from "../api/watch-event.ts";
import type { KindDefinition } from "../resources/kind.ts";
import { asOne, includeObject } from "./answers/send.ts";
import type { GatewayEnv } from "./context.ts";
import { sendStatus } from "./errors.ts";
import { type WatchOptions, watchOptions } from "./options/watch-options.ts";
import { GATEWAY, namespacesFor, openWatch } from "./owners.ts";
import type { ResourcePath } from "./resource-path.ts";
import { askedOf } from "./serve-resource.ts";
import { mergedWatch } from "./watch/merged-watch.ts";
import { statusOf } from "./watch/status-of.ts";

/** A stream of events, one JSON object a line. Its head is sent at once, also when nothing happens. @throws ApiError */
export async function serveWatch(c: Context<GatewayEnv>, kind: KindDefinition, named: ResourcePath): Promise<Response> {
	const { as: asked } = asOne(c);
	const as = asked === "PartialObjectMetadataList" ? "PartialObjectMetadata" : asked;
	const options = watchOptions(new URL(c.req.url).searchParams);
	const cluster = c.get("cluster");
	const request = (namespace: string | undefined, watch: WatchOptions): WatchRequest => ({
		...askedOf(c, { ...named, namespace }),
		watch,
		as,
		includeObject: includeObject(c),
	});
	if (kind.scope === "Cluster" || named.namespace !== undefined) {
		const response = await openWatch(c.env, cluster, request(named.namespace, options));
		return response.ok ? sendStream(c, response.body) : sendStatus(c, await statusOf(response));
	}
	const attributes = attributesOf(request(undefined, options));
	const names = await namespacesFor(c.env, cluster, c.get("caller"), attributes);
	const stream = await mergedWatch(
		{
			names,
			changes: () => openWatch(c.env, cluster, ofNamespaces(options)),
			open: (namespace, watch) => openWatch(c.env, cluster, request(namespace, watch)),
			line: (event) => lineOf(kind, event, request(undefined, options)),
		},
		options,
	);
	return sendStream(c, stream);
}

/** Those that are there come first, so that none is missed that came while the streams were opened. */
function ofNamespaces({ timeoutSeconds }: WatchOptions): WatchRequest {
	return {
		caller: GATEWAY,
		resource: { group: "", version: "v1", plural: "namespaces" },
		watch: { allowWatchBookmarks: false, sendInitialEvents: false, ...(timeoutSeconds !== undefined && { timeoutSeconds }) },
		as: "PartialObjectMetadata",
		includeObject: "None",
	};
}

function sendStream(c: Context, stream: ReadableStream<Uint8Array> | null): Response {
	if (!stream) throw new Error("A watch was answered without a stream.");
	return c.body(stream, 200, { "Content-Type": "application/json", "Cache-Control": "no-cache, private" });
}

function lineOf(kind: KindDefinition, event: WatchEvent, { as, includeObject }: WatchRequest): string {
	return `${JSON.stringify(renderEvent(kind, event, { as, includeObject, first: false, now: Date.now() }))}\n`;
}
