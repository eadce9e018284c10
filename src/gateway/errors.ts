import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ApiError, failure, type Status } from "../api/status.ts";
import type { GatewayEnv } from "./context.ts";

/** Sends a `Status`. */
export function sendStatus(c: Context, status: Status): Response {
	if (status.code === 401) c.header("WWW-Authenticate", 'Bearer realm="klaw"');
	const wait = status.details?.retryAfterSeconds;
	if (wait !== undefined) c.header("Retry-After", String(wait));
	return c.json(status, status.code as ContentfulStatusCode);
}

/** Any error of a route as a `Status`. What nobody foresaw is logged and never shown. */
export function onError(error: Error, c: Context<GatewayEnv>): Response {
	if (error instanceof ApiError) return sendStatus(c, error.status);
	console.error(`${c.req.method} ${c.req.path} failed`, error);
	return sendStatus(c, failure("InternalError", "The request failed for a reason of klaw's own. The deployment's log has the details."));
}

export function onNotFound(c: Context<GatewayEnv>): Response {
	return sendStatus(c, failure("NotFound", `The server could not find ${c.req.path}. The paths that it serves are in docs/api.md.`));
}

export function onMethodNotAllowed(c: Context, methods: string[]): Response {
	c.header("Allow", methods.join(", "));
	return sendStatus(c, failure("MethodNotAllowed", `${c.req.path} does not take ${c.req.method}. It takes ${methods.join(", ")}.`));
}
