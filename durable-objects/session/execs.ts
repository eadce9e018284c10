/**
 * Commands of people (`kubectl exec`, `klaw cp`). Whatever runs for a session runs under its lease, so an open command
 * wants a lease, keeps it, and is cut when it must go, as a tool call does.
 */
import type { Unkept } from "../../containers/node/checkpoint/protocol.ts";
import { checkpointMade, isOfFiles, type MadeCheckpoint } from "./checkpoints.ts";
import type { Effect } from "./effect.ts";
import type { ExecClosed, SessionEvent } from "./events.ts";
import { foldCheckpoint, foldUnheard, foldUnkept } from "./files.ts";
import { heldUpByExecs } from "./held-up.ts";
import { oweExecEnd } from "./outbox.ts";
import { cutShort, report } from "./reporting.ts";
import type { SessionState } from "./state.ts";
import { callsWantLease } from "./tool-calls.ts";

/**
 * A command of which nobody was heard for so long is asked about, at its node and at whoever wanted it: the word of its end
 * may have been lost, and a lease must not be held for ever.
 */
export const EXEC_WATCH_MS = 30_000;

/** For a person who may still be there. */
const FORSAKEN = "The command was ended, because nobody waited for it any more.";

/** What the end of a command writes. One that is not open is left alone, so repeating is harmless. */
export function closeExec(state: SessionState, closed: Omit<ExecClosed, "type">): SessionEvent[] {
	if (!state.execs.has(closed.id)) return [];
	const events: SessionEvent[] = [{ type: "exec.closed", ...closed }];
	// The dispatcher may have granted a lease whose word did not arrive, so it is told that none is wanted.
	const unwanted = !state.lease && state.execs.size === 1 && !callsWantLease(state);
	return unwanted ? [...events, { type: "lease.released" }] : events;
}

/** How a command ended, as its node's object says it. */
export interface ExecEnd {
	/** The workspace has changes that no checkpoint has. */
	uncheckpointed?: boolean;
	/** Why it has them. */
	unkept?: Unkept;
	/** The workspace as it left it; absent when it changed nothing, or an older node's object says that separately. */
	made?: MadeCheckpoint;
	/** The machine did not say that it began. */
	unheard?: boolean;
	/** The machine is gone, and the session's lease with it. */
	lost?: { node: string; incarnation: number };
}

/** Nobody waits for a command any more, and its node has not said that it ended. */
export function forsakeExec(state: SessionState, id: string): SessionEvent[] {
	return closeExec(state, { id, untold: true });
}

export function execEnded(state: SessionState, id: string, { uncheckpointed, unkept, made, unheard, lost }: ExecEnd): SessionEvent[] {
	// What was closed already, without a word of its node, may have left files all the same.
	if (!state.execs.has(id) && made) return checkpointMade(state, { ...made, exec: id });
	const checkpoint = made && isOfFiles(state, made) ? made.checkpoint : undefined;
	const files = { ...(uncheckpointed && { uncheckpointed }), ...(unkept && { unkept }), ...(checkpoint && { checkpoint }) };
	const events = closeExec(state, { id, ...files, ...((unheard || lost) && { unheard: true }) });
	const { lease } = state;
	if (!lost || lease?.node !== lost.node || lease.incarnation !== lost.incarnation) return events;
	return [...events, { type: "lease.released", id: lease.id, reason: `node ${lost.node} is gone`, cause: "NodeLost" }];
}

/** No node will ever have room for the session. @param message the dispatcher's sentence */
export function refuseExecs({ execs }: Pick<SessionState, "execs">, message: string): SessionEvent[] {
	return [...execs.keys()].map((id) => ({ type: "exec.closed", id, refused: message }));
}

/** The lease is wanted back, and the time is over. @param reason a clause */
export function cutExecs({ execs }: Pick<SessionState, "execs">, reason: string): SessionEvent[] {
	return [...execs.keys()].map((id) => ({ type: "exec.closed", id, cut: cutSentence(reason) }));
}

/** What open commands need now, beside a lease. */
export function watchExecs({ execs, lease }: SessionState, now: number): { effects: Effect[]; wakeAt?: number } {
	const watched: { effects: Effect[]; wakeAt?: number } = { effects: [] };
	for (const [id, { openedAt }] of execs) {
		const due = openedAt + EXEC_WATCH_MS;
		if (now < due) watched.wakeAt = Math.min(watched.wakeAt ?? due, due);
		else watched.effects.push({ kind: "exec-watch", key: `exec-watch:${id}`, exec: id, ...(lease && { node: lease.node }) });
	}
	return watched;
}

/** Folds the end of a command. */
export function foldExecClosed(state: SessionState, { id, cut, untold, unheard, uncheckpointed, unkept, checkpoint }: ExecClosed): void {
	const exec = state.execs.get(id);
	if (!exec) return;
	const said = heldUpByExecs(state);
	state.execs.delete(id);
	// There may be another one in the way.
	if (said !== undefined && state.waitingFor === said) state.waitingFor = undefined;
	if (checkpoint) foldCheckpoint(state, { ...checkpoint, at: state.at }, { began: exec.openedAt });
	if (uncheckpointed) foldUnkept(state, unkept);
	if ((cut !== undefined || untold || unheard) && state.lease) foldUnheard(state, id, { ofPerson: true });
	if (untold && state.lease) oweExecEnd(state.outbox, id, state.lease, FORSAKEN);
	if (cut === undefined || !state.lease) return;
	oweExecEnd(state.outbox, id, state.lease, cut);
	report(state, [cutShort(`a command of ${exec.by}`, state.lease.node, state.recall?.reason ?? cut)]);
}

/** The lease ended, and with it what ran under it. To be folded while it is still there. @param reason a clause */
export function foldExecsEnded(state: SessionState, reason: string | undefined): void {
	const { execs, lease, outbox, closed } = state;
	const why = closed
		? "The command was cut, because its session was deleted."
		: `The command was cut: ${reason ?? "its session gave its node back"}`;
	if (lease) {
		for (const id of execs.keys()) {
			foldUnheard(state, id, { ofPerson: true });
			oweExecEnd(outbox, id, lease, why);
		}
	}
	execs.clear();
}

function cutSentence(reason: string): string {
	return `The command was cut, because its machine was wanted back: ${reason}`;
}
