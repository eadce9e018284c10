import { alreadyExists, conflict, invalid, notFound, type Refusal, refuse } from "../../src/api/status.ts";
import type { Draft } from "../../src/resources/resource.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { type Session, type SessionSpec, sessionKind } from "../../src/resources/session/kind.ts";
import { resolveAgent } from "./agents.ts";
import { type Decision, put, type Stamp, type View } from "./decision.ts";
import { newObject } from "./object-meta.ts";
import { cancelled } from "./task-status.ts";

export function createSession(view: View, name: string, draft: Draft<SessionSpec>, stamp: Stamp): Decision<Session> {
	const old = view.session(name);
	if (old) return refuse(beingDeleted(old) ?? alreadyExists(sessionKind, name));
	const resolved = resolveAgent(view, draft.spec.agent);
	if (!resolved.ok) return refuse(invalid(sessionKind, name, [resolved.cause]));
	const session = newSession(view, name, resolved.agent.metadata.name, draft.metadata, stamp);
	return { ok: true, changes: [put("sessions", session)], value: session };
}

export function newSession(view: View, name: string, agent: string, metadata: Draft["metadata"], stamp: Stamp): Session {
	return { ...newObject(sessionKind, view.namespace, name, metadata, stamp), spec: { agent }, status: { phase: "Idle" } };
}

/** A session that takes messages. @returns 404, or 409 while it is being deleted */
export function openSession(view: View, name: string): Refusal | { ok: true; session: Session } {
	const session = view.session(name);
	if (!session) return refuse(notFound(sessionKind, name));
	const deleting = beingDeleted(session);
	return deleting ? refuse(deleting) : { ok: true, session };
}

/**
 * Marks a session deleted, ends its tasks, and has the session told. The row goes when the session has given back what
 * it holds; until then the name is taken, so that a new session never meets the storage of the old one.
 */
export function deleteSession(view: View, name: string, by: string, { now }: Stamp): Decision<Session> {
	const session = view.session(name);
	if (!session) return refuse(notFound(sessionKind, name));
	if (session.metadata.deletionTimestamp !== undefined) return { ok: true, changes: [], value: session };
	const deleted: Session = { ...session, metadata: { ...session.metadata, deletionTimestamp: timestamp(now) } };
	const reason = `its session ${name} was deleted`;
	const tasks = view.openTasks(name).map((task) => put("tasks", cancelled(task, by, reason, now)));
	return {
		ok: true,
		changes: [
			put("sessions", deleted),
			...tasks,
			{ type: "withdraw", session: name },
			{ type: "enqueue", work: { type: "remove", session: name, uid: session.metadata.uid } },
		],
		value: deleted,
	};
}

function beingDeleted({ metadata }: Session) {
	if (metadata.deletionTimestamp === undefined) return undefined;
	return conflict(sessionKind, metadata.name, "it is being deleted; try again in a few seconds, or use another name");
}
