import { timestamp } from "../../src/resources/resource.ts";
import type { Task } from "../../src/resources/task/kind.ts";
import type { RunOutcome, TaskStatus } from "../../src/resources/task/schema.ts";
import type { RunStatus, SessionReport } from "../ports.ts";

/** A task ended by someone's wish, whatever its run still does. */
export function cancelled(task: Task, by: string, reason: string, now: number): Task {
	const { waitingFor: _, ...status } = task.status;
	const message = `Cancelled by ${by}${reason === "" ? "." : `: ${reason}`}`;
	const ended = { ...status, phase: "Cancelled" as const, reason: "Cancelled", message, completionTime: new Date(now).toISOString() };
	return { ...task, status: withConditions(ended) };
}

/** What `kubectl wait --for=condition=Complete` looks at: the conditions of a Job. */
function withConditions(status: TaskStatus): TaskStatus {
	const { phase, reason, message, completionTime } = status;
	if (phase === "Pending" || phase === "Running" || completionTime === undefined) return status;
	const condition = {
		type: phase === "Succeeded" ? "Complete" : "Failed",
		status: "True" as const,
		reason: reason ?? (phase === "Succeeded" ? "Completed" : phase),
		message: message ?? "",
		lastTransitionTime: timestamp(Date.parse(completionTime)),
	};
	return { ...status, conditions: [condition] };
}

/** A run as the status of a task or session shows it. */
export function outcomeOf(run: RunStatus): RunOutcome {
	const outcome: RunOutcome = { run: run.run, iterations: run.iterations, usage: run.usage };
	if (run.code) outcome.reason = run.code;
	if (run.message) outcome.message = run.message;
	if (run.result !== undefined) outcome.result = run.result;
	if (run.startedAt !== undefined) outcome.startTime = new Date(run.startedAt).toISOString();
	if (run.finishedAt !== undefined) outcome.completionTime = new Date(run.finishedAt).toISOString();
	return outcome;
}

/** The status of a task whose run is reported. */
export function taskStatusOf(task: Task, { run, seq, waitingFor }: SessionReport): TaskStatus {
	const status: TaskStatus = { phase: run.phase, session: task.status.session, observedSeq: seq, ...outcomeOf(run) };
	if (run.phase === "Running" && waitingFor) status.waitingFor = waitingFor;
	return withConditions(status);
}
