import { type Context, Hono } from "hono";
import * as z from "zod";
import { ApiError, failure, invalid } from "../../api/status.ts";
import { checkNamespace } from "../../resources/admit.ts";
import { agentSpecSchema } from "../../resources/agent/schema.ts";
import { causesOf } from "../../resources/causes.ts";
import { duration, parseDuration } from "../../resources/quantity.ts";
import { sessionKind } from "../../resources/session/kind.ts";
import { messageText } from "../../resources/text.ts";
import { readBody, requireBody } from "../body.ts";
import { cancelReason } from "../cancel-reason.ts";
import type { GatewayEnv } from "../context.ts";
import { askSessions, fetchSession } from "../objects.ts";

/** What can be done with a session beyond the verbs of every object. */
export const sessions = new Hono<GatewayEnv>().basePath("/apis/klaw.sh/v1/namespaces/:namespace/sessions/:name");

const messageSchema = z.strictObject({
	text: messageText,
	model: agentSpecSchema.shape.model,
	deadline: duration.optional(),
});

sessions.post("/messages", async (c) => {
	const { name, ...place } = placeOf(c);
	const body = await requireBody(c);
	const parsed = messageSchema.safeParse(body);
	if (!parsed.success) {
		throw new ApiError(invalid({ group: "klaw.sh", kind: "Message", plural: "messages" }, name, causesOf(parsed.error, "", body)));
	}
	const { text, model, deadline } = parsed.data;
	const message = {
		session: name,
		key: idempotencyKey(c.req.header("Idempotency-Key")),
		text,
		author: c.get("caller").user,
		model,
		deadlineMs: deadline === undefined ? undefined : parseDuration(deadline),
	};
	return c.json(await askSessions(c.env, place, (stub) => stub.sendMessage(c.get("caller"), message)), 202);
});

sessions.post("/cancel", async (c) => {
	const { name, ...place } = placeOf(c);
	const reason = cancelReason(sessionKind, name, await readBody(c));
	return c.json(await askSessions(c.env, place, (stub) => stub.cancelSession(c.get("caller"), name, reason)));
});

sessions.get("/events", async (c) => {
	const place = placeOf(c);
	const query = new URLSearchParams();
	// A reader that reconnects repeats its URL and says in the header how far it came.
	const after = c.req.header("Last-Event-ID") || c.req.query("after");
	if (after !== undefined) query.set("after", sequenceNumber(after));
	if (c.req.query("follow") === "true") query.set("follow", "true");
	const run = c.req.query("run");
	if (run) query.set("run", run);
	await askSessions(c.env, place, (stub) => stub.authorizeSession(c.get("caller"), place.name, "events"));
	return fetchSession(c.env, place, new Request(`https://session/events?${query}`, { signal: c.req.raw.signal }));
});

/** Which session a request is about. @throws ApiError 422 for a namespace that could not be */
function placeOf(c: Context<GatewayEnv>): { cluster: string; namespace: string; name: string } {
	const { namespace = "", name = "" } = c.req.param();
	checkNamespace(namespace);
	return { cluster: c.get("cluster"), namespace, name };
}

/** Apart from klaw's own keys, such as those of tasks. @throws ApiError 400 */
function idempotencyKey(header: string | undefined): string {
	if (header === undefined) return `once:${crypto.randomUUID()}`;
	if (/^[\x21-\x7e]{1,255}$/.test(header)) return `client:${header}`;
	throw new ApiError(failure("BadRequest", "The header Idempotency-Key must be 1 to 255 printable ASCII characters without spaces."));
}

/** @throws ApiError 400 */
function sequenceNumber(text: string): string {
	if (/^\d{1,15}$/.test(text)) return text;
	throw new ApiError(
		failure(
			"BadRequest",
			`"${text.slice(0, 50)}" is no place in the event stream. Last-Event-ID and after take the id of an event, a whole number.`,
		),
	);
}
