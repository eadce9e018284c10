/**
 * A lease that is wanted back: by a drain, by a session of higher priority, by a pool that shrinks. It is given back at the
 * next boundary of a tool call, never in a command, unless whoever wants it set a time.
 */
import type { LeaseCause } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import { type ActiveRun, type OpenCall, owedCalls, type SessionState } from "./state.ts";
import { unknownOutcome } from "./unknown-outcome.ts";

/** `evicted`: it is given back. `recalled`: it will be, as soon as what runs is through. */
export type Eviction = "evicted" | "recalled";

export interface Recall {
	/** Absent: whichever lease the session has. */
	lease?: string;
	by: string;
	/** For people, e.g. `evicted by kubernetes-admin`. */
	reason: string;
	cause?: LeaseCause;
	/** How long a call that runs may still take, in milliseconds; absent: as long as it takes. */
	cutAfterMs?: number;
}

/** What a recall writes. Said again it changes nothing, but a cut that is sooner holds. */
export function recall(
	state: SessionState,
	{ lease, by, reason, cause, cutAfterMs }: Recall,
	now: number,
): { events: SessionEvent[]; outcome: Eviction } {
	if (!state.lease || (lease !== undefined && state.lease.id !== lease)) return { events: [], outcome: "evicted" };
	const { id } = state.lease;
	if (!state.run || onNode(state.run).length === 0)
		return { events: [{ type: "lease.released", id, reason, ...(cause && { cause }) }], outcome: "evicted" };
	const cutAt = cutAfterMs === undefined ? undefined : now + cutAfterMs;
	const known = state.recall;
	if (known && (cutAt === undefined || (known.cutAt !== undefined && known.cutAt <= cutAt))) return { events: [], outcome: "recalled" };
	return {
		events: [{ type: "lease.recalled", id, by, reason, ...(cause && { cause }), ...(cutAt !== undefined && { cutAt }) }],
		outcome: "recalled",
	};
}

/** What a run with a recalled lease writes now: the calls that are cut, and at the boundary that the lease is given back. */
export function decideRecall(state: SessionState, run: ActiveRun, now: number): SessionEvent[] {
	const { lease, recall: wanted } = state;
	if (!lease || !wanted) return [];
	const running = onNode(run);
	if (running.length === 0)
		return [{ type: "lease.released", id: lease.id, reason: wanted.reason, ...(wanted.cause && { cause: wanted.cause }) }];
	if (wanted.cutAt === undefined || now < wanted.cutAt) return [];
	return running.map((call) => ({
		type: "tool.completed",
		run: run.run,
		callId: call.callId,
		name: call.name,
		content: unknownOutcome(`it was cut, because its machine was wanted back (${wanted.reason})`),
		isError: true,
		durationMs: 0,
		abandoned: true,
	}));
}

/** Calls that run on a node, as far as is known. */
function onNode(run: ActiveRun): OpenCall[] {
	return owedCalls(run).filter(({ started }) => started?.node !== undefined);
}
