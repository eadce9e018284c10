/**
 * A lease that is wanted back: by a drain, by a session of higher priority, by a pool that shrinks. It is given back at the
 * next boundary of a tool call, never in a command (of the agent or of a person), unless whoever wants it set a time. Only a
 * person who drains a node waits for a shell that somebody may have forgotten: nobody else does, and no run of the session.
 */
import type { LeaseCause } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import { cutExecs } from "./execs.ts";
import { execsCutAt, onNode } from "./held-up.ts";
import { type ActiveRun, ranMs, type SessionState } from "./state.ts";
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
	/** How long commands of people may still take that alone are in the way; absent: until a run of the session needs the machine. */
	cutExecsAfterMs?: number;
	/** A person saw that files are in no checkpoint, and gives them up. */
	abandon?: boolean;
}

/** What a recall writes. Said again it changes nothing, but a cut that is sooner holds. */
export function recall(
	state: SessionState,
	{ lease, by, reason, cause, cutAfterMs, cutExecsAfterMs, abandon = false }: Recall,
	now: number,
): { events: SessionEvent[]; outcome: Eviction } {
	if (lease !== undefined && state.lease?.id !== lease) return { events: [], outcome: "evicted" };
	if (!state.lease) return { events: abandoned(state, { by, reason, abandon }), outcome: "evicted" };
	const { id } = state.lease;
	if (onNode(state.run).length === 0 && state.execs.size === 0) {
		const released: SessionEvent = { type: "lease.released", id, reason, ...(cause && { cause }) };
		return { events: [released, ...abandoned(state, { by, reason, abandon })], outcome: "evicted" };
	}
	const known = state.recall;
	const cutAt = earlier(known?.cutAt, cutAfterMs === undefined ? undefined : now + cutAfterMs);
	const execsCutAt = known?.execsCutAt ?? (cutExecsAfterMs === undefined ? undefined : now + cutExecsAfterMs);
	const givesUp = abandon || known?.abandon === true;
	const isKnown = known && known.cutAt === cutAt && known.execsCutAt === execsCutAt && known.abandon === givesUp;
	if (isKnown) return { events: [], outcome: "recalled" };
	const times = { ...(cutAt !== undefined && { cutAt }), ...(execsCutAt !== undefined && { execsCutAt }) };
	const wanted = { ...(cause && { cause }), ...times, ...(givesUp && { abandon: givesUp }) };
	return { events: [{ type: "lease.recalled", id, by, reason, ...wanted }], outcome: "recalled" };
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
	return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** The files that are in no checkpoint are given up, if there are such and that is meant. */
function abandoned({ uncheckpointed }: SessionState, wanted: { by: string; reason: string; abandon: boolean }): SessionEvent[] {
	const { by, reason, abandon } = wanted;
	return abandon && uncheckpointed ? [{ type: "workspace.abandoned", by, reason }] : [];
}

/** What a session with a recalled lease writes now: what is cut, and at the boundary that the lease is given back. */
export function decideRecall(state: SessionState, now: number): SessionEvent[] {
	const { lease, recall: wanted, run } = state;
	if (!lease || !wanted) return [];
	if (onNode(run).length === 0 && state.execs.size === 0) {
		const { reason, cause } = wanted;
		return [{ type: "lease.released", id: lease.id, reason, ...(cause && { cause }) }, ...abandoned(state, wanted)];
	}
	if (wanted.cutAt === undefined || now < wanted.cutAt) {
		const at = execsCutAt(state);
		return at === undefined || now < at ? [] : cutExecs(state, wanted.reason);
	}
	return [...(run ? cutCalls(run, wanted.reason, now) : []), ...cutExecs(state, wanted.reason)];
}

function cutCalls(run: ActiveRun, reason: string, now: number): SessionEvent[] {
	return onNode(run).map((call) => ({
		type: "tool.completed",
		run: run.run,
		callId: call.callId,
		name: call.name,
		content: unknownOutcome(`it was cut, because its machine was wanted back (${reason})`, ranMs(call, now)),
		isError: true,
		durationMs: ranMs(call, now),
		abandoned: true,
	}));
}
