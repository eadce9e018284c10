/**
 * What a session owes the nodes that it leaves. Nothing of it runs where it has no lease: at the end of one its node is told
 * to let the workspace rest. And no files of it stay on a node that it left for another, as far as they are kept elsewhere.
 */
import type { Delivered, LeaseGranted } from "./events.ts";
import { type Delivery, oweLeave, oweRest } from "./outbox.ts";
import { owedCalls, type SessionState, sessionRef, workspaceName } from "./state.ts";

/** The lease ends. To be folded while it is still there. */
export function foldLeaseEnd(state: SessionState, cause: string | undefined): void {
	const { identity, lease, outbox, hasRun } = state;
	if (!lease || !identity) return;
	state.hasRun = false;
	// Of a machine that is lost everything is ended when it is back.
	if (!hasRun || cause === "NodeLost") return;
	oweRest(outbox, lease, sessionRef(identity), workspaceName(identity));
	state.rested = state.run !== undefined;
}

/** A lease begins. To be folded while `workspace` is still where it was. */
export function foldLeaseBegin(state: SessionState, { lease: { node }, leaves }: LeaseGranted): void {
	const { identity, workspace: old, outbox, head, uncheckpointed, dirty } = state;
	// It is there again, and what runs there from now on is of this lease.
	for (const [id, owed] of outbox)
		if ((owed.to === "rest" || (owed.to === "workspace" && owed.moved)) && owed.node === node) outbox.delete(id);
	// What was cut there, or lost, may have left the only copy of something.
	const safe = head !== undefined && !uncheckpointed && dirty.size === 0;
	if (identity && leaves && old && old.node !== node && safe)
		oweLeave(outbox, old.node, sessionRef(identity), workspaceName(identity), state.seq);
}

/** An item of the outbox was accepted. */
export function foldDelivered({ outbox, visited }: SessionState, { id, refused }: Delivered): void {
	const owed = outbox.get(id);
	outbox.delete(id);
	if (owed?.to === "workspace" && owed.moved && !refused) visited.delete(owed.node);
}

/**
 * Whether what is owed may be delivered now. A node first stops what is given up, then lets the workspace rest, and only then
 * is its room another's: whoever is placed there meets nothing of this session.
 */
export function isDue(delivery: Delivery, { outbox, run }: Pick<SessionState, "outbox" | "run">): boolean {
	const owed = [...outbox.values()];
	switch (delivery.to) {
		case "store":
			// A node that has not been told to forget the files may still put some of them into the store.
			return !owed.some(({ to }) => to === "workspace");
		case "dispatcher":
			return !owed.some(({ to }) => to === "rest");
		case "rest": {
			const { node, incarnation } = delivery;
			const runs = run ? owedCalls(run).some(({ started }) => started?.node === node && started.incarnation === incarnation) : false;
			return !runs && !owed.some((other) => (other.to === "node" || other.to === "exec") && other.node === node);
		}
		default:
			return true;
	}
}

/** Something is on its way that would take away what a new lease gives: its room, its processes or its files. */
export function isLeaving({ outbox }: Pick<SessionState, "outbox">): boolean {
	return [...outbox.values()].some(({ to }) => to === "dispatcher" || to === "rest" || to === "workspace");
}
