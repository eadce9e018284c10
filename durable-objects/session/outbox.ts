import type { Lease, Notice, SessionIdentity, SessionReport } from "../ports.ts";
import { boundedReport } from "./bounded-report.ts";

/**
 * What a session owes to others. An item is put here by the event that causes it and leaves with a `delivered` event,
 * so it survives anything; its receiver may see it more than once.
 */
export type Delivery =
	| { to: "namespace"; id: string; namespace: string; report: SessionReport }
	/** `bound`: name of the only node that has the session's files. */
	| { to: "dispatcher"; id: string; session: string; lease?: string; forget?: true; bound?: string }
	| { to: "node"; id: string; node: string; incarnation: number; callId: string; session: string; reason: string }
	| { to: "exec"; id: string; node: string; incarnation: number; exec: string; reason: string }
	| { to: "rest"; id: string; node: string; incarnation: number; session: string; workspace: string }
	/** `moved`: the session has its files on another node. Absent: it is deleted. */
	| { to: "workspace"; id: string; node: string; session: string; workspace: string; moved?: true }
	| { to: "store"; id: string; identity: SessionIdentity };

export type Outbox = Map<string, Delivery>;

/** More of them in one report would be too many to read. */
const NOTICES = 20;

/** A newer report of the same run takes the place of an older one that was not delivered yet. */
export function oweReport(outbox: Outbox, namespace: string, report: SessionReport): void {
	const notices: Notice[] = [];
	let task = report.task;
	for (const [id, owed] of outbox) {
		if (owed.to !== "namespace" || owed.report.run.run !== report.run.run) continue;
		outbox.delete(id);
		task ??= owed.report.task;
		// What it told of is not superseded by how things stand now.
		notices.push(...(owed.report.notices ?? []));
	}
	notices.push(...(report.notices ?? []));
	const id = `report:${report.run.run}:${report.seq}`;
	const whole = notices.length === 0 ? report : { ...report, notices: notices.slice(-NOTICES) };
	outbox.set(id, { to: "namespace", id, namespace, report: boundedReport({ ...whole, task }) });
}

/** @param bound name of the only node that has the session's files */
export function oweRelease(outbox: Outbox, session: string, lease: Lease | undefined, seq: number, bound?: string): void {
	const id = `release:${lease?.id ?? seq}`;
	outbox.set(id, { to: "dispatcher", id, session, lease: lease?.id, ...(bound !== undefined && { bound }) });
}

export function oweStop(
	outbox: Outbox,
	call: { callId: string; node: string; incarnation: number },
	session: string,
	reason: string,
): void {
	const id = `stop:${call.callId}`;
	outbox.set(id, { to: "node", id, session, reason, ...call });
}

/** A person's command is cut. @param reason a sentence for the person */
export function oweExecEnd(outbox: Outbox, exec: string, { node, incarnation }: Lease, reason: string): void {
	const id = `exec:${exec}`;
	outbox.set(id, { to: "exec", id, node, incarnation, exec, reason });
}

/** The dispatcher keeps nothing of a deleted session. */
export function oweFarewell(outbox: Outbox, session: string): void {
	outbox.set("farewell", { to: "dispatcher", id: "farewell", session, forget: true });
}

/** A deleted session's checkpoints go, too. */
export function oweRemoval(outbox: Outbox, identity: SessionIdentity): void {
	outbox.set("store", { to: "store", id: "store", identity });
}

/** The lease has ended: nothing of the session is to run there any more. */
export function oweRest(outbox: Outbox, { id: lease, node, incarnation }: Lease, session: string, workspace: string): void {
	const id = `rest:${lease}`;
	outbox.set(id, { to: "rest", id, node, incarnation, session, workspace });
}

/** The session went to another node, and its files are in the store. */
export function oweLeave(outbox: Outbox, node: string, session: string, workspace: string, seq: number): void {
	const id = `leave:${node}:${seq}`;
	outbox.set(id, { to: "workspace", id, node, session, workspace, moved: true });
}

export function oweForget(outbox: Outbox, node: string, session: string, workspace: string): void {
	const id = `forget:${node}`;
	outbox.set(id, { to: "workspace", id, node, session, workspace });
}
