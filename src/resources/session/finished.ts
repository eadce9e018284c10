import type { Session } from "./kind.ts";

/** Whether a session was made for one task, and that has ended: to quotas it is what a completed pod is. */
export function isFinished({ metadata, status }: Session): boolean {
	const ofTask = (metadata.ownerReferences ?? []).some(({ kind, controller }) => kind === "Task" && controller === true);
	return ofTask && status.phase === "Idle" && status.lastRun?.completionTime !== undefined;
}
