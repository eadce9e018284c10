import { type Cause, invalid, notFound, refuse } from "../../src/api/status.ts";
import { parseDuration } from "../../src/resources/quantity.ts";
import { isTerminal, type Task, taskKind } from "../../src/resources/task/kind.ts";
import type { Inbound } from "../ports.ts";
import { removed } from "../store/deletion.ts";
import { inSession, resolveAgent } from "./agents.ts";
import { type Change, type Decision, put, type Stamp, type View } from "./decision.ts";
import { openSession, sessionOfTask } from "./sessions.ts";
import { cancelled } from "./task-status.ts";
import { taskKey } from "./work.ts";

/** Admits a task: the task, its session when it has none yet, and the work of telling the session, all at once. */
export function createTask(view: View, draft: Task, stamp: Stamp): Decision<Task> {
	const { name } = draft.metadata;
	const wrong = (cause: Cause) => refuse(invalid(taskKind, name, [cause]));

	const sessionName = draft.spec.session ?? name;
	const known = view.session(sessionName);
	if (!known && draft.spec.session !== undefined) {
		const message = `Not found: "${sessionName}": there is no such session. Create it, or leave spec.session out to get a new one`;
		return wrong({ reason: "FieldValueNotFound", field: "spec.session", message });
	}
	const open = known && openSession(view, sessionName);
	if (open && !open.ok) return open;

	const wanted = draft.spec.agent ?? known?.spec.agent;
	if (known && wanted !== known.spec.agent) {
		const message = `Invalid value: "${wanted}": session ${sessionName} belongs to agent ${known.spec.agent}. Leave spec.agent out or take another session`;
		return wrong({ reason: "FieldValueInvalid", field: "spec.agent", message });
	}
	const resolved = resolveAgent(view, wanted);
	if (!resolved.ok) return wrong(resolved.cause);

	const { name: agentName } = resolved.snapshot;
	const task: Task = { ...draft, spec: { ...draft.spec, agent: agentName }, status: { phase: "Pending", session: sessionName } };
	const session = known ?? sessionOfTask(view, task, resolved.agent, stamp);
	const agent = inSession(resolved.snapshot, session);
	const identity = { namespace: view.namespace, name: sessionName, uid: session.metadata.uid };
	const changes: Change[] = [
		...(known ? [] : [put("sessions", session)]),
		put("tasks", task),
		{ type: "enqueue", work: { type: "send", session: sessionName, task: name, uid: task.metadata.uid, identity, agent } },
	];
	return { ok: true, changes, value: task };
}

/** The prompt of a task as its session gets it. */
export function messageOf({ metadata, spec }: Task): Inbound {
	return {
		key: taskKey(metadata.uid),
		text: spec.prompt,
		task: { name: metadata.name, uid: metadata.uid },
		model: spec.model,
		deadlineMs: spec.deadline === undefined ? undefined : parseDuration(spec.deadline),
	};
}

/**
 * Cancels a task. One whose session has not been told yet ends here and now; of any other the session is told, and its
 * report ends it.
 */
export function cancelTask(view: View, name: string, reason: string, { now, caller: { user: by } }: Stamp): Decision<Task> {
	const task = view.task(name);
	if (!task) return refuse(notFound(taskKind, name));
	if (isTerminal(task.status)) return { ok: true, changes: [], value: task };
	const message = `${by} asked to cancel it${reason === "" ? "." : `: ${reason}`}`;
	const ended = view.unsent(task.status.session, task.metadata.uid)
		? cancelled(task, by, reason, now)
		: { ...task, status: { ...task.status, reason: "CancelRequested", message } };
	return { ok: true, changes: [put("tasks", ended), ...tellCancelled(task, by, reason)], value: ended };
}

/** The session that was made for it goes with it. */
export function deleteTask(_view: View, task: Task, { caller }: Stamp): Decision<Task> {
	const stop = isTerminal(task.status) ? [] : tellCancelled(task, caller.user, `task ${task.metadata.name} was deleted`);
	return { ok: true, changes: [...removed("tasks", task), ...stop], value: task };
}

/** Ends the tasks of a session whose prompts it was not told yet. */
export function cancelUnsent(view: View, session: string, reason: string, { now, caller: { user: by } }: Stamp): Change[] {
	return view
		.openTasks(session)
		.filter((task) => view.unsent(session, task.metadata.uid))
		.flatMap((task) => [put("tasks", cancelled(task, by, reason, now)), ...tellCancelled(task, by, reason)]);
}

/**
 * The session is told even when the prompt is taken back: a prompt that is on its way at this very moment, or whose
 * acceptance was lost, is known to the session alone. Of a message that it does not know it makes nothing.
 */
function tellCancelled({ metadata, status }: Task, by: string, reason: string): Change[] {
	return [
		{ type: "withdraw", session: status.session, taskUid: metadata.uid },
		{ type: "enqueue", work: { type: "cancel", session: status.session, key: taskKey(metadata.uid), by, reason } },
	];
}

/** The session has the prompt. Its reports say the rest. */
export function promptAccepted(view: View, name: string, uid: string, run: string): Change[] {
	const task = view.task(name);
	if (task?.metadata.uid !== uid || task.status.phase !== "Pending" || task.status.run !== undefined) return [];
	const { waitingFor: _, ...status } = task.status;
	return [put("tasks", { ...task, status: { ...status, run } })];
}

/** The session could not be told the prompt yet; whoever looks at the task sees why it does not start. */
export function promptDelayed(view: View, name: string, uid: string, why: string): Change[] {
	const task = view.task(name);
	const waitingFor = `Session ${task?.status.session} could not be reached (${why}). It is tried again.`;
	if (task?.metadata.uid !== uid || task.status.phase !== "Pending" || task.status.waitingFor === waitingFor) return [];
	return [put("tasks", { ...task, status: { ...task.status, waitingFor } })];
}
