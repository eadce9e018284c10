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
	return sendStatus(c, noSuchResource());
}

/** 404 for a path that leads nowhere, in Kubernetes' words. */
export function noSuchResource(): Status {
	return failure("NotFound", "the server could not find the requested resource", {});
}

/** 405 in Kubernetes' words. */
export function methodNotAllowed(): Status {
	return failure("MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}
