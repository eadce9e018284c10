import { type Context, Hono } from "hono";
import { DEFAULT_CLUSTER } from "../../../durable-objects/names.ts";
import { discovery as discover } from "../../api/discovery/discovery.ts";
import { sendDocument } from "../../api/document.ts";
import { openApi } from "../../api/openapi/openapi.ts";
import { openApiV2 } from "../../api/openapi/openapi-v2.ts";
import { ApiError } from "../../api/status.ts";
import { clusterKind } from "../../resources/cluster/kind.ts";
import type { KindDefinition } from "../../resources/kind.ts";
import { ALL_KINDS } from "../../resources/registry.ts";
import type { GatewayEnv } from "../context.ts";
import { noSuchResource } from "../errors.ts";

/** What a cluster serves, and what its objects look like. Open to everybody who has an identity. */
export const discovery = new Hono<GatewayEnv>();

/** Clusters are made in the default one. Made once: documents are kept for as long as the array is the same. */
const KINDS_OF_OTHERS = ALL_KINDS.filter((kind) => kind !== clusterKind);

const ROOTS = ["/api", "/apis", "/openapi/v2", "/openapi/v3", "/healthz", "/livez", "/readyz", "/version"];

discovery.get("/", (c) => c.json({ paths: ROOTS }));

for (const path of ["/api", "/api/:version", "/apis", "/apis/:group", "/apis/:group/:version"]) {
	discovery.get(path, (c) => {
		const serverAddress = new URL(c.req.url).host;
		const document = discover(kindsOf(c), { path: c.req.path, accept: c.req.header("Accept"), serverAddress });
		if (!document) throw new ApiError(noSuchResource());
		return sendDocument(document, c.req.header("If-None-Match"));
	});
}

discovery.get("/openapi/v2", (c) => openApiV2(c.req.header("Accept")));

for (const path of ["/openapi/v3", "/openapi/v3/*"]) {
	discovery.get(path, (c) => {
		const reply = openApi(kindsOf(c), {
			path: c.req.path,
			hash: c.req.query("hash"),
			accept: c.req.header("Accept"),
			prefix: new URL(c.req.url).pathname.startsWith("/clusters/") ? `/clusters/${c.get("cluster")}` : "",
		});
		if (!reply) throw new ApiError(noSuchResource());
		return "moved" in reply ? c.redirect(reply.moved, 301) : sendDocument(reply, c.req.header("If-None-Match"));
	});
}

function kindsOf(c: Context<GatewayEnv>): readonly KindDefinition[] {
	return c.get("cluster") === DEFAULT_CLUSTER ? ALL_KINDS : KINDS_OF_OTHERS;
}
