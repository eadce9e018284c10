import type { Context } from "hono";
import { selectedName } from "../api/selectors/field-selector.ts";
import { ApiError } from "../api/status.ts";
import { type KindDefinition, READ_VERBS, type Verb } from "../resources/kind.ts";
import { audit, authorize } from "./authorization.ts";
import type { GatewayEnv } from "./context.ts";
import type { ResourcePath } from "./resource-path.ts";
import { serveResource } from "./serve-resource.ts";

/**
 * Answers a request about nodes. Their Dispatcher knows neither roles nor who reads audit records, so both are seen to
 * here, with the cluster. @throws ApiError
 */
export async function serveNodes(c: Context<GatewayEnv>, kind: KindDefinition, named: ResourcePath, verb: Verb): Promise<Response> {
	const { group, plural } = named.resource;
	const name = named.name ?? selectedName(c.req.query("fieldSelector")) ?? "";
	const attributes = { verb, group, resource: plural, namespace: "", name };
	await authorize(c, attributes);
	if (READ_VERBS.includes(verb)) return serveResource(c, kind, named, verb);
	try {
		const response = await serveResource(c, kind, named, verb);
		if (c.req.query("dryRun") === undefined) await audit(c, attributes, { code: response.status });
		return response;
	} catch (error) {
		if (error instanceof ApiError) await audit(c, attributes, error.status);
		throw error;
	}
}
