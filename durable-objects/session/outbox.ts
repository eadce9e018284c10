import type { Lease, Notice, SessionIdentity, SessionReport } from "../ports.ts";

/**
 * What a session owes to others. An item is put here by the event that causes it and leaves with a `delivered` event,
 * so it survives anything; its receiver may see it more than once.
 */
export type Delivery =
	| { to: "namespace"; id: string; namespace: string; report: SessionReport }
	| { to: "dispatcher"; id: string; session: string; lease?: string; forget?: true }
	| { to: "node"; id: string; node: string; incarnation: number; callId: string; session: string; reason: string }
	| { to: "workspace"; id: string; node: string; session: string; workspace: string }
	| { to: "store"; id: string; identity: SessionIdentity };

export type Outbox = Map<string, Delivery>;

/** More of them in one report would be too many to read. */
const NOTICES = 20;

/** A newer report of the same run takes the place of an older one that was not delivered yet. */
export function oweReport(outbox: Outbox, namespace: string, report: SessionReport): void {
	const notices: Notice[] = [];
	for (const [id, owed] of outbox) {
		if (owed.to !== "namespace" || owed.report.run.run !== report.run.run) continue;
		outbox.delete(id);
		// What it told of is not superseded by how things stand now.
		notices.push(...(owed.report.notices ?? []));
	}
	notices.push(...(report.notices ?? []));
	const id = `report:${report.run.run}:${report.seq}`;
	const whole = notices.length === 0 ? report : { ...report, notices: notices.slice(-NOTICES) };
	outbox.set(id, { to: "namespace", id, namespace, report: whole });
}

export function oweRelease(outbox: Outbox, session: string, lease: Lease | undefined, seq: number): void {
	const id = `release:${lease?.id ?? seq}`;
	outbox.set(id, { to: "dispatcher", id, session, lease: lease?.id });
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

/** The dispatcher keeps nothing of a deleted session. */
export function oweFarewell(outbox: Outbox, session: string): void {
	outbox.set("farewell", { to: "dispatcher", id: "farewell", session, forget: true });
}

/** A deleted session's checkpoints go, too. */
export function oweRemoval(outbox: Outbox, identity: SessionIdentity): void {
	outbox.set("store", { to: "store", id: "store", identity });
}

export function oweForget(outbox: Outbox, node: string, session: string, workspace: string): void {
	const id = `forget:${node}`;
	outbox.set(id, { to: "workspace", id, node, session, workspace });
}
