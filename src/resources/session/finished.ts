import type { Session } from "./kind.ts";

/** Whether a session was made for one task, and that has ended: to quotas it is what a completed pod is. */
export function isFinished(session: Session): boolean {
	const { status } = session;
	return isOfTask(session) && status.phase === "Idle" && status.lastRun?.completionTime !== undefined;
}

/** Whether a session was made for one task. */
export function isOfTask({ metadata }: Session): boolean {
	return (metadata.ownerReferences ?? []).some(({ kind, controller }) => kind === "Task" && controller === true);
}
