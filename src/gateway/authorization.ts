import type { Context } from "hono";
import { forbidden } from "../api/rbac/forbidden.ts";
import type { Attributes } from "../api/request.ts";
import { ApiError, type Status } from "../api/status.ts";
import type { GatewayEnv } from "./context.ts";
import { decide, recordAudit } from "./owners.ts";

/**
 * For what the gateway does itself: whether the caller may, by the cluster's roles, or the namespace's where there is
 * one. Everything else is authorized in the object that owns the data. @throws ApiError 403, which leaves a record
 */
export async function authorize(c: Context<GatewayEnv>, attributes: Attributes): Promise<void> {
	const caller = c.get("caller");
	const place = { cluster: c.get("cluster"), namespace: attributes.namespace || undefined };
	const { allowed, reason } = await decide(c.env, place, caller, attributes);
	if (allowed) return;
	const status = forbidden(caller, attributes, reason);
	await audit(c, attributes, status);
	throw new ApiError(status);
}

/** Leaves a record of what the gateway did itself, or did not. Reading is none of it. */
export async function audit(c: Context<GatewayEnv>, attributes: Attributes, { code, reason, message }: AuditOutcome): Promise<void> {
	const { verb, group, resource, namespace, name } = attributes;
	const entry = {
		at: Date.now(),
		caller: c.get("caller"),
		verb,
		group,
		resource,
		...(namespace !== "" && { namespace }),
		...(name !== "" && { name }),
		code,
		...(reason !== undefined && { reason }),
		...(message !== undefined && { message }),
	};
	// What was decided stands, whether or not it could be written down.
	await recordAudit(c.env, c.get("cluster"), entry).catch((error) => console.error("an audit record was lost", entry, error));
}

export type AuditOutcome = Pick<Status, "code" | "reason" | "message">;
