import { type Context, Hono } from "hono";
import * as z from "zod";
import { sessionObjectName } from "../../../durable-objects/names.ts";
import type { SessionObject } from "../../../durable-objects/session/object.ts";
import { callTwice } from "../../api/call.ts";
import { checkpointsOf } from "../../api/checkpoints.ts";
import { ApiError, conflict, invalid } from "../../api/status.ts";
import { checkNamespace } from "../../resources/admit.ts";
import { causesOf } from "../../resources/causes.ts";
import type { BaseResource } from "../../resources/resource.ts";
import { sessionKind } from "../../resources/session/kind.ts";
import { checkpointKind } from "../../resources/virtual/checkpoint.ts";
import { asList, asOne, sendObject, sendReply } from "../answers/send.ts";
import { requireBody } from "../body.ts";
import type { GatewayEnv } from "../context.ts";
import { askSessions } from "../objects.ts";
import { reached } from "../reached.ts";

/** The checkpoints of a session's workspace, and the way back to one of them. The namespace authorizes both. */
export const checkpoints = new Hono<GatewayEnv>();

const SESSION = "/apis/klaw.sh/v1/namespaces/:namespace/sessions/:name";

const restoreSchema = z.strictObject({
	checkpoint: z.string().regex(/^[0-9a-f]{1,64}$/, "must be the name of a checkpoint, or the beginning of one: hex digits"),
});

checkpoints.get(`${SESSION}/checkpoints`, async (c) => {
	const how = asList(c);
	const { namespace } = c.req.param();
	const { uid } = (await authorized(c, "checkpoints")).metadata;
	const items = checkpointsOf(namespace, await askSession(c, (stub) => stub.checkpoints(uid)));
	return sendReply(c, checkpointKind, { type: "list", items, resourceVersion: "" }, how);
});

checkpoints.post(`${SESSION}/restore`, async (c) => {
	const how = asOne(c);
	const { namespace, name } = c.req.param();
	const { uid } = (await authorized(c, "restore")).metadata;
	const body = await requireBody(c);
	const parsed = restoreSchema.safeParse(body);
	if (!parsed.success) throw new ApiError(invalid(sessionKind, name, causesOf(parsed.error, "", body)));
	const { checkpoint } = parsed.data;
	const reply = await askSession(c, (stub) => stub.restoreCheckpoint({ uid, name: checkpoint, by: c.get("caller").user }));
	if (reply.state === "busy") throw new ApiError(conflict(sessionKind, name, reply.message));
	if (reply.state !== "restored") {
		const message = `Invalid value: "${checkpoint}": ${reply.message}`;
		throw new ApiError(invalid(sessionKind, name, [{ reason: "FieldValueInvalid", field: "checkpoint", message }]));
	}
	const records = await askSession(c, (stub) => stub.checkpoints(uid));
	const [object] = checkpointsOf(namespace, records).filter(({ manifest }) => manifest === reply.checkpoint.name);
	if (!object) throw new ApiError(conflict(sessionKind, name, "the session was deleted meanwhile"));
	return sendObject(c, checkpointKind, { object, created: true }, how);
});

type SessionContext = Context<GatewayEnv, typeof SESSION>;

/** The session, for a caller who may do this with it. @throws ApiError 403 or 404 */
function authorized(c: SessionContext, subresource: "checkpoints" | "restore"): Promise<BaseResource> {
	const { namespace, name } = c.req.param();
	checkNamespace(namespace);
	return askSessions(c.env, { cluster: c.get("cluster"), namespace }, (stub) => stub.authorizeSession(c.get("caller"), name, subresource));
}

/** @throws ApiError when it cannot be reached */
function askSession<T>(c: SessionContext, ask: (stub: Pick<SessionObject, "checkpoints" | "restoreCheckpoint">) => Promise<T>): Promise<T> {
	const { namespace, name } = c.req.param();
	const stub = () => c.env.SESSION.getByName(sessionObjectName(namespace, name, c.get("cluster")));
	return reached(`Session ${namespace}/${name}`, () => callTwice(stub, ask));
}
