import type { Session, SessionStatus } from "../../src/resources/session/kind.ts";
import { isTerminal } from "../../src/resources/task/kind.ts";
import type { SessionReport } from "../ports.ts";
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
	const status: SessionStatus = { phase, observedSeq: seq };
	if (waitingFor) status.waitingFor = waitingFor;
	if (node) status.node = node;
	// A queued run, or one that was cancelled in the queue, is not the session's last run: another one is going on.
	const started = run.startedAt !== undefined || session.status.lastRun === undefined;
	const lastRun = started && run.phase !== "Pending" ? { ...outcomeOf(run), phase: run.phase } : session.status.lastRun;
	if (lastRun) status.lastRun = lastRun;
	return [put("sessions", { ...session, status } satisfies Session)];
}

function taskChanges(view: View, report: SessionReport): Change[] {
	const task = report.task && view.task(report.task.name);
	if (!task || task.metadata.uid !== report.task?.uid || isTerminal(task.status)) return [];
	if (report.seq <= (task.status.observedSeq ?? 0)) return [];
	return [put("tasks", { ...task, status: taskStatusOf(task, report) })];
}
