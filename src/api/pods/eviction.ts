import { causesOf } from "../../resources/causes.ts";
import { podKind } from "../../resources/pod/kind.ts";
import { hasLocalStorage, type Pod, podOf } from "../../resources/pod/pod-of.ts";
import { CHECKPOINTED, type Session } from "../../resources/session/kind.ts";
import { evictionKind } from "../../resources/virtual/eviction.ts";
import { ApiError, conflict, failure, invalid } from "../status.ts";

/** What an eviction asks. */
export interface EvictionOrder {
	/** Values of `dryRun`, as they were sent. */
	dryRun: readonly string[];
	/** Whoever asks knows the pod as it is now. */
	seen: boolean;
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
	const seen = preconditions.resourceVersion !== undefined;
	return { dryRun, seen, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
}

/**
 * As with Kubernetes, whoever evicts a pod deletes its volumes, and asks first when it lists the pods. One that has come about
 * between the list and the eviction nobody was asked about. Long enough for a `kubectl drain` of a full node, which sends
 * five evictions a second, in milliseconds.
 */
const SEEN_AFTER_MS = 30_000;

/**
 * Whether files that are in no checkpoint are given up.
 *
 * @param now milliseconds since the epoch
 * @throws ApiError 409 when whoever asks may not have seen that there are such
 */
export function givesUpFiles(session: Session, { seen }: Pick<EvictionOrder, "seen">, now: number): boolean {
	const pod = podOf(session);
	if (!hasLocalStorage(pod)) return false;
	const since = session.status.conditions?.find(({ type }) => type === CHECKPOINTED)?.lastTransitionTime;
	const leftMs = since === undefined ? 0 : Date.parse(since) + SEEN_AFTER_MS - now;
	if (seen || !(leftMs > 0)) return true;
	const why = `since a moment ago it has files that are in no checkpoint, and whoever evicts it gives them up. Look at the pod, and evict it in ${Math.ceil(leftMs / 1000)}s, or at once with its resourceVersion as a precondition`;
	throw new ApiError(conflict(podKind, pod.metadata.name, why));
}

function bad(message: string): ApiError {
	return new ApiError(failure("BadRequest", message));
}
