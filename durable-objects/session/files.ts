/**
 * What a session knows of its files: where they are, which checkpoint they are to be, and whether a checkpoint has them at
 * all. Files that are in none are on one machine only, so the session stays with that, unless a person gives them up.
 */
import type { Unkept } from "../../containers/node/checkpoint/protocol.ts";
import type { Lease, Notice } from "../ports.ts";
import { CHANGING } from "./changing-tools.ts";
import type { SessionEvent, StartedCall, WorkspaceAbandoned, WorkspaceLost } from "./events.ts";
import { oweLeave, oweRelease } from "./outbox.ts";
import { report, uncheckpointedMessage } from "./reporting.ts";
import { CHECKPOINTS_KEPT, type KeptCheckpoint, type SessionState, sessionRef, type Unheard, workspaceName } from "./state.ts";

/** Of a deployment without a store: whatever begins there may leave files that are nowhere else. */
export const NO_STORE: Unkept = { reason: "NoStore", message: "This deployment has no store of checkpoints." };
/** Of a machine that does not say why. */
const UNEXPLAINED: Unkept = { reason: "NotCheckpointed", message: "The node could not put them into the store." };

/** The files on the node are to be others from here on. */
export function startEpoch(state: SessionState): void {
	state.epoch = state.seq;
	state.headOrder = 0;
	state.dirty.clear();
}

/** The session has a lease, on the machine where its files are or on another. @returns what there is to tell of them */
export function foldPlaced(state: SessionState, { node, incarnation, machine }: Lease): Notice[] {
	const old = state.workspace;
	state.visited.add(node);
	state.workspace = { node, incarnation, ...(machine !== undefined && { machine }) };
	if (old?.node === node && old.incarnation === incarnation) return [];
	// Of a call the model is told that its outcome is unknown, and the files are those of the calls that ended. Nobody tells a person.
	const isOnlyThere = state.uncheckpointed || [...state.dirty.values()].some(({ ofPerson }) => ofPerson);
	if (isOnlyThere && old?.node === node && machine !== undefined && old.machine === machine) {
		// The same disk: what is on it is all there is of the files, and a new epoch would set them back.
		state.arrival = { as: "back" };
		return [];
	}
	startEpoch(state);
	if (!old) return [];
	if (!state.uncheckpointed) {
		// What was lost before, or given up, is still to be told.
		if (state.touched) state.arrival ??= { as: "moved" };
		return [];
	}
	return [lose(state, old.node)];
}

/** A node is no more. @returns what a session writes that has its files only there; one that has a lease finds out by that */
export function filesLost({ lease, uncheckpointed, workspace }: SessionState, node: string): SessionEvent[] {
	return !lease && uncheckpointed && workspace?.node === node ? [{ type: "workspace.lost", node }] : [];
}

export function foldLost(state: SessionState, { node }: WorkspaceLost): void {
	if (!state.uncheckpointed || state.workspace?.node !== node) return;
	state.workspace = undefined;
	startEpoch(state);
	report(state, [lose(state, node)]);
}

function lose(state: SessionState, node: string): Notice {
	state.arrival = { as: "lost" };
	settle(state, "WorkspaceLost");
	const message = `The files of the session that were in no checkpoint were lost with node ${node}. ${standing(state)}`;
	return { type: "Warning", reason: "WorkspaceLost", message };
}

/** Calls are about to run. */
export function foldBegun(state: SessionState, calls: readonly StartedCall[]): void {
	const here = calls.filter(({ node }) => node !== undefined);
	if (here.length > 0) state.touched = true;
	if (here.some(({ name, kept }) => !kept && CHANGING.has(name))) foldUnkept(state, NO_STORE);
}

/** A call or a person's command ended without a word of its node: what it left may be in no checkpoint. */
export function foldUnheard({ dirty, at: givenUpAt }: SessionState, id: string, { ofPerson }: Pick<Unheard, "ofPerson">): void {
	dirty.set(id, { givenUpAt, ofPerson });
}

/** What the last call or command left is in no checkpoint. */
export function foldUnkept(state: SessionState, { reason, message }: Unkept = UNEXPLAINED): void {
	const before = state.uncheckpointed ? state.checkpointed : undefined;
	state.uncheckpointed = true;
	if (before?.reason === reason && before.message === message) return;
	state.checkpointed = { holds: false, reason, message, since: before?.since ?? state.at };
	const isNews = before?.reason !== reason;
	report(state, isNews ? [{ type: "Warning", reason, message: uncheckpointedMessage(state.workspace?.node, message) }] : []);
}

/** What a checkpoint was made after. */
export interface MadeAfter {
	/** Id of a call or a person's command. */
	id?: string | undefined;
	/** When that began: whatever was given up before is in the checkpoint, too. */
	began?: number | undefined;
}

/**
 * The newest checkpoint is what the files are to be. Results of parallel calls may arrive in another order than their
 * checkpoints were made in, and several may name the same one. One that is set back to is the newest again.
 */
export function foldCheckpoint(state: SessionState, checkpoint: KeptCheckpoint, { id: of, began = -1 }: MadeAfter = {}): void {
	for (const [id, { givenUpAt }] of state.dirty) if (id === of || givenUpAt <= began) state.dirty.delete(id);
	const { name, order = state.headOrder } = checkpoint;
	if (order < state.headOrder) return;
	state.headOrder = order;
	if (state.uncheckpointed) {
		settle(state, "Checkpointed");
		unbind(state);
		report(state, [{ type: "Normal", reason: "Checkpointed", message: "The files of the session are in a checkpoint again." }]);
	}
	if (state.head === name) return;
	state.head = name;
	state.checkpoints.push(checkpoint);
	while (state.checkpoints.length > CHECKPOINTS_KEPT) {
		state.checkpoints.shift();
		state.garbage += 1;
	}
}

/** A person gave up what is in no checkpoint: the session goes on from the last one, wherever there is room. */
export function foldAbandoned(state: SessionState, { reason }: WorkspaceAbandoned): void {
	const { workspace, identity, outbox } = state;
	if (!workspace || !identity || !state.uncheckpointed) return;
	state.workspace = undefined;
	startEpoch(state);
	settle(state, "WorkspaceAbandoned");
	state.arrival = { as: "abandoned", reason };
	// They would else be found there when the session comes back.
	oweLeave(outbox, workspace.node, sessionRef(identity), workspaceName(identity), state.seq);
	unbind(state);
	const message = `The files of the session on node ${workspace.node} that were in no checkpoint were given up: ${reason}. ${standing(state)}`;
	report(state, [{ type: "Warning", reason: "WorkspaceAbandoned", message }]);
}

/** The dispatcher keeps a machine for files that are nowhere else, and need not do so any longer. */
function unbind({ outbox, identity, lease, seq }: SessionState): void {
	for (const [id, owed] of outbox) {
		if (owed.to !== "dispatcher" || owed.bound === undefined) continue;
		const { bound: _, ...unbound } = owed;
		outbox.set(id, unbound);
	}
	// Of a session that holds a lease it is told when that is renewed.
	if (identity && !lease) oweRelease(outbox, sessionRef(identity), undefined, seq);
}

/** There are no files any more that are in no checkpoint. */
function settle(state: SessionState, reason: string): void {
	state.uncheckpointed = false;
	state.checkpointed = { holds: true, reason, message: "", since: state.at };
}

function standing(state: SessionState): string {
	return state.head === undefined
		? "There is no checkpoint, so it goes on with none."
		: `It goes on from checkpoint ${state.head.slice(0, 12)}.`;
}
