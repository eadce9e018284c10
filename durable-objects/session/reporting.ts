/** What a session tells its namespace of itself. */
import type { Notice, RunStatus, SessionReport } from "../ports.ts";
import type { SessionEvent } from "./events.ts";
import { oweReport } from "./outbox.ts";
import type { SessionState } from "./state.ts";

/** The session lost its node, as an event. */
export function leftNode(
	node: string | undefined,
	{ reason = "", cause = "Evicted" }: Extract<SessionEvent, { type: "lease.released" }>,
): Notice {
	const type = cause === "Rescheduled" ? "Normal" : "Warning";
	return { type, reason: cause, message: `Left node ${node ?? "<none>"}: ${reason}` };
}

/** A call was cut, as an event. */
export function cutShort(tool: string, node: string | undefined, reason: string): Notice {
	return { type: "Warning", reason: "Cut", message: `Cut ${tool} on node ${node ?? "<none>"} before it ended: ${reason}` };
}

/** Tells the namespace how the run under way stands. */
export function report(state: SessionState, notices: Notice[] = []): void {
	const run = state.run;
	if (!run) return;
	const status: RunStatus = {
		run: run.run,
		phase: "Running",
		model: run.model,
		iterations: run.steps,
		usage: run.usage,
		startedAt: run.startedAt,
	};
	state.runs.set(run.run, status);
	owe(state, status, run.task, notices);
}

export function owe(state: SessionState, run: RunStatus, task: SessionReport["task"], notices: Notice[] = []): void {
	if (!state.identity) return;
	oweReport(state.outbox, state.identity.namespace, {
		session: state.identity.name,
		uid: state.identity.uid,
		seq: state.seq,
		phase: state.run ? (state.waitingFor ? "Waiting" : "Running") : "Idle",
		waitingFor: state.waitingFor,
		node: state.run ? state.lease?.node : undefined,
		...(state.run && { revision: state.run.agent.digest }),
		run,
		task,
		...(notices.length > 0 && { notices }),
	});
}
