import { conflict, invalid, notFound, type Refusal, refuse } from "../../src/api/status.ts";
import type { Agent } from "../../src/resources/agent/kind.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { type Session, type SessionStatus, sessionKind } from "../../src/resources/session/kind.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import { resolveAgent } from "./agents.ts";
import { type Decision, put, type Stamp, type View } from "./decision.ts";
import { newObject } from "./object-meta.ts";
import { cancelled } from "./task-status.ts";

export function createSession(view: View, draft: Session): Decision<Session> {
	const resolved = resolveAgent(view, draft.spec.agent);
	if (!resolved.ok) return refuse(invalid(sessionKind, draft.metadata.name, [resolved.cause]));
	const session: Session = { ...draft, spec: { ...draft.spec, agent: resolved.agent.metadata.name }, status: newStatus(resolved.agent) };
	return { ok: true, changes: [put("sessions", session)], value: session };
}

/** The session of a task that named none. It is the task's: it has its labels, as a Job's pods have, and goes when the task does. */
export function sessionOfTask(view: View, task: Task, agent: Agent, stamp: Stamp): Session {
	const { apiVersion, kind, metadata } = task;
	const head = newObject(sessionKind, view.namespace, metadata.name, stamp);
	const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }];
	const labels = metadata.labels && { labels: metadata.labels };
	return {
		...head,
		metadata: { ...head.metadata, ...labels, ownerReferences },
		spec: { agent: agent.metadata.name },
		status: newStatus(agent),
	};
}

/** Its pod names the agent as its controller, by the uid that it had. */
function newStatus({ metadata }: Agent): SessionStatus {
	return { phase: "Idle", agentUid: metadata.uid };
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
export function deleteSession(view: View, session: Session, { now, caller }: Stamp): Decision<Session> {
	const { name, deletionTimestamp = timestamp(now) } = session.metadata;
	if (view.leaving(name)) return { ok: true, changes: [], value: session };
	// It may have been marked before, while finalizers held it.
	const deleted: Session = { ...session, metadata: { ...session.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 } };
	const reason = `its session ${name} was deleted`;
	const tasks = view.openTasks(name).map((task) => put("tasks", cancelled(task, caller.user, reason, now)));
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
