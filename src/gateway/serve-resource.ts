import type { Context } from "hono";
import type { ApiRequest } from "../api/request.ts";
import type { KindDefinition, Verb } from "../resources/kind.ts";
import { asOne, sendReply } from "./answers/send.ts";
import type { GatewayEnv } from "./context.ts";
import { ask } from "./owners.ts";
import type { ResourcePath } from "./resource-path.ts";
import { serveList } from "./serve-list.ts";
import { serveWatch } from "./serve-watch.ts";
import { type Write, writeOf } from "./write.ts";

/** Answers a request about resources that an object owns. @throws ApiError */
export async function serveResource(c: Context<GatewayEnv>, kind: KindDefinition, named: ResourcePath, verb: Verb): Promise<Response> {
	if (verb === "list") return serveList(c, kind, named);
	if (verb === "watch") return serveWatch(c, kind, named);
	const how = asOne(c);
	const { name = "" } = named;
	const { request, problems }: Write = verb === "get" ? { request: { verb, name }, problems: [] } : await writeOf(c, kind, verb, named);
	const reply = await ask(c.env, c.get("cluster"), { ...askedOf(c, named), ...request });
	if (reply.type === "object") reply.warnings.push(...problems);
	// A body of another kind, such as a TokenRequest, has no columns of this one.
	return sendReply(c, kind, reply, hasOwnBody(kind, named) ? { ...how, as: "Object" } : how);
}

/** Who asks for what, as every request to an owner begins. */
export function askedOf(
	c: Context<GatewayEnv>,
	{ resource, namespace }: ResourcePath,
): Pick<ApiRequest, "caller" | "resource" | "namespace"> {
	return { caller: c.get("caller"), resource, ...(namespace !== undefined && { namespace }) };
}

function hasOwnBody({ subresources = [] }: KindDefinition, { resource }: ResourcePath): boolean {
	return subresources.some(({ name, body }) => name === resource.subresource && body !== undefined);
}
