import { causesOf } from "../../resources/causes.ts";
import { podKind } from "../../resources/pod/kind.ts";
import type { Pod } from "../../resources/pod/pod-of.ts";
import { evictionKind } from "../../resources/virtual/eviction.ts";
import { ApiError, conflict, failure, invalid } from "../status.ts";

/** What an eviction asks. */
export interface EvictionOrder {
	/** Nothing is to change. */
	dryRun: boolean;
	/** How long a call that runs may still take; absent: as long as it takes. */
	gracePeriodSeconds?: number;
}

/** @throws ApiError 400, 409 or 422 when it may not be done */
export function readEviction(body: unknown, pod: Pick<Pod, "metadata">): EvictionOrder {
	const { name, uid, resourceVersion } = pod.metadata;
	if (typeof body !== "object" || body === null) throw bad("The body is no Eviction of policy/v1.");
	const { apiVersion = "policy/v1", kind = evictionKind.kind, metadata, ...rest }: Record<string, unknown> = { ...body };
	if (kind !== evictionKind.kind || !/^policy\/v1(?:beta1)?$/.test(String(apiVersion)))
		throw bad(`The body is ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}. Send an Eviction of policy/v1.`);
	const named = typeof metadata === "object" && metadata !== null && "name" in metadata ? metadata.name : name;
	if (named !== name) throw bad("name in URL does not match name in Eviction object");
	const parsed = evictionKind.schema.safeParse(rest);
	if (!parsed.success) throw new ApiError(invalid(evictionKind, name, causesOf(parsed.error, "", body)));
	const { dryRun = [], gracePeriodSeconds, preconditions = {} } = parsed.data.deleteOptions ?? {};
	const checks = [
		["UID", preconditions.uid, uid],
		["ResourceVersion", preconditions.resourceVersion, resourceVersion],
	] as const;
	for (const [what, wanted, is] of checks) {
		if (wanted === undefined || wanted === is) continue;
		const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${is}). The object might have been deleted and then recreated`;
		throw new ApiError(conflict(podKind, name, why));
	}
	return { dryRun: dryRun.includes("All"), ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
}

function bad(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
