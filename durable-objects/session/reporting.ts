/** What a session tells its namespace of itself. */
import type { CheckpointedReport, Notice, RunStatus, SessionReport } from "../ports.ts";
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

/** Tells the namespace how the run under way stands; between runs where the session is, if that is news. */
export function report(state: SessionState, notices: Notice[] = []): void {
	const run = state.run;
	if (!run) {
		reportIdle(state, notices);
		return;
	}
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

/** A person's command takes a session to a node between its runs. */
function reportIdle(state: SessionState, notices: Notice[]): void {
	const last = [...state.runs.values()].filter(({ startedAt }) => startedAt !== undefined).at(-1) ?? [...state.runs.values()].at(-1);
	const { node, waitingFor, only } = place(state);
	const { told } = state;
	const isNews = notices.length > 0 || node !== told.node || waitingFor !== told.waitingFor || only !== told.only;
	if (last && isNews) owe(state, last, undefined, notices);
}

/** Where the session is, as others are to see it. */
function place({ run, execs, lease, waitingFor, uncheckpointed, workspace }: SessionState): SessionState["told"] {
	const node = run || execs.size > 0 ? lease?.node : undefined;
	return { node, waitingFor, only: uncheckpointed ? workspace?.node : undefined };
}

/** Whether the files are in a checkpoint, as others are to see it. */
function checkpointed({ checkpointed, workspace }: SessionState): CheckpointedReport | undefined {
	if (!checkpointed) return undefined;
	const { holds, reason, message, since } = checkpointed;
	if (holds || !workspace) return { reason, message, since };
	return { node: workspace.node, reason, message: uncheckpointedMessage(workspace.node, message), since };
}

/** Where the files are that are in no checkpoint, and why, as sentences. */
export function uncheckpointedMessage(node: string | undefined, why: string): string {
	return `The files of the session are on node ${node ?? "<none>"} and nowhere else. ${why}`;
}

export function owe(state: SessionState, run: RunStatus, task: SessionReport["task"], notices: Notice[] = []): void {
	if (!state.identity) return;
	state.told = place(state);
	const { node, waitingFor } = state.told;
	const files = checkpointed(state);
	oweReport(state.outbox, state.identity.namespace, {
		session: state.identity.name,
		uid: state.identity.uid,
		seq: state.seq,
		phase: state.run ? (state.waitingFor ? "Waiting" : "Running") : "Idle",
		...{ node, waitingFor },
		...(state.run && { revision: state.run.agent.digest }),
		run,
		task,
		...(notices.length > 0 && { notices }),
		...(files && { checkpointed: files }),
	});
}
