import type { Condition } from "../../src/resources/conditions.ts";
import { timestamp } from "../../src/resources/resource.ts";
import { CHECKPOINTED, type Session, type SessionStatus } from "../../src/resources/session/kind.ts";
import { isTerminal, type Task } from "../../src/resources/task/kind.ts";
import type { CheckpointedReport, SessionReport } from "../ports.ts";
import { type Change, put, type View } from "./decision.ts";
import { outcomeOf, taskStatusOf } from "./task-status.ts";

/**
 * What a report changes. Reports are repeated and may overtake each other: one that is no newer than what is known
 * changes nothing, one about a session or task of another uid means a namesake that is gone, and a task that has ended
 * stays as it ended.
 */
export function applyReport(view: View, report: SessionReport): Change[] {
	return [...sessionChanges(view, report), ...taskChanges(view, report)];
}

function sessionChanges(view: View, report: SessionReport): Change[] {
	const session = view.session(report.session);
	if (!session || session.metadata.uid !== report.uid || report.seq <= (session.status.observedSeq ?? 0)) return [];
	const { phase, waitingFor, node, seq, run } = report;
	const { agentUid } = session.status;
	const status: SessionStatus = { phase, observedSeq: seq, ...(agentUid !== undefined && { agentUid }) };
	if (waitingFor) status.waitingFor = waitingFor;
	if (node) status.node = node;
	const { checkpointed } = report;
	if (checkpointed?.node !== undefined) status.workspaceNode = checkpointed.node;
	if (checkpointed) status.conditions = [checkpointedCondition(checkpointed, session.status.conditions)];
	const revision = report.revision ?? session.status.revision;
	if (revision !== undefined) status.revision = revision;
	// A queued run, or one that was cancelled in the queue, is not the session's last run: another one is going on.
	const started = run.startedAt !== undefined || session.status.lastRun === undefined;
	const lastRun = started && run.phase !== "Pending" ? { ...outcomeOf(run), phase: run.phase } : session.status.lastRun;
	if (lastRun) status.lastRun = lastRun;
	const next: Session = { ...session, status };
	const notices = (report.notices ?? []).map(
		({ type, reason, message }): Change => ({
			type: "event",
			event: { regarding: session, type, reason, note: message, action: "Binding" },
		}),
	);
	return [put("sessions", next), ...notices, ...placementEvents(session, next)];
}

/** As with every condition, its time is that of its status: another reason is none. */
function checkpointedCondition({ node, reason, message, since }: CheckpointedReport, old: readonly Condition[] = []): Condition {
	const status = node === undefined ? "True" : "False";
	const known = old.find((condition) => condition.type === CHECKPOINTED && condition.status === status);
	return { type: CHECKPOINTED, status, reason, message, lastTransitionTime: known?.lastTransitionTime ?? timestamp(since) };
}

/** What `describe` tells of a session's way to a machine, in the scheduler's words of Kubernetes. */
function placementEvents(old: Session, { metadata, status }: Session): Change[] {
	const event = (type: "Normal" | "Warning", reason: string, note: string, action: string): Change => ({
		type: "event",
		event: { regarding: old, type, reason, note, action },
	});
	if (status.waitingFor && status.waitingFor !== old.status.waitingFor) {
		// A session that has its node waits for something else.
		if (status.node) return [event("Warning", "Waiting", status.waitingFor, "Running")];
		return [event("Warning", "FailedScheduling", status.waitingFor, "Scheduling")];
	}
	if (!status.node || status.node === old.status.node) return [];
	return [event("Normal", "Scheduled", `Successfully assigned ${metadata.namespace}/${metadata.name} to ${status.node}`, "Binding")];
}

function taskChanges(view: View, report: SessionReport): Change[] {
	const task = report.task && view.task(report.task.name);
	if (!task || task.metadata.uid !== report.task?.uid || isTerminal(task.status)) return [];
	if (report.seq <= (task.status.observedSeq ?? 0)) return [];
	const next: Task = { ...task, status: taskStatusOf(task, report) };
	return [put("tasks", next), ...phaseEvents(task, next)];
}

function phaseEvents(old: Task, { status }: Task): Change[] {
	if (status.phase === old.status.phase) return [];
	const event = (type: "Normal" | "Warning", reason: string, note: string): Change => ({
		type: "event",
		event: { regarding: old, type, reason, note, action: "Running" },
	});
	switch (status.phase) {
		case "Pending":
			return [];
		case "Running":
			return [event("Normal", "Started", `Started in session ${status.session}`)];
		case "Succeeded":
			return [event("Normal", "Completed", `Completed after ${status.iterations ?? 0} iterations`)];
		case "Failed":
			return [event("Warning", status.reason ?? "Failed", status.message ?? "The run failed")];
		case "Cancelled":
			return [event("Normal", "Cancelled", status.message ?? "The run was cancelled")];
	}
}
