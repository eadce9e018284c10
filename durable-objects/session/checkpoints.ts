/** What a session knows and does about the checkpoints of its workspace. */
import type { Checkpoint } from "../../containers/node/checkpoint/protocol.ts";
import type { CheckpointRecord } from "../workspace/checkpoint-record.ts";
import type { SessionEvent } from "./events.ts";
import { owedCalls, type SessionState } from "./state.ts";

/** A node says every 20 s that it waits; a call whose node says nothing for this long is asked about. */
const WAITING_MS = 120_000;
/** Said again, a wait is journaled only when its time runs low. */
const RENEW_WAITING_MS = 70_000;

export function callWaiting(state: SessionState, callId: string, message: string, now: number): SessionEvent[] {
	const { run } = state;
	const call = run && owedCalls(run).find((open) => open.callId === callId);
	if (!run || !call?.started) return [];
	if (call.waitingFor === message && call.started.giveUpAt - now > RENEW_WAITING_MS) return [];
	const giveUpAt = Math.max(call.started.giveUpAt, now + WAITING_MS);
	return [{ type: "tool.waiting", run: run.run, callId, message, giveUpAt }];
}

export interface MadeCheckpoint {
	node: string;
	incarnation: number;
	epoch: number;
	checkpoint: Checkpoint;
	/** Id of the command that changed the files. Absent: an older node's object does not say. */
	exec?: string;
}

/** Of another epoch it is of files that are not the session's any more. */
export function isOfFiles({ workspace, epoch }: SessionState, made: MadeCheckpoint): boolean {
	return workspace?.node === made.node && workspace.incarnation === made.incarnation && epoch === made.epoch;
}

/** One that the files are to be already is no news, unless it was not certain that a checkpoint has them. */
export function checkpointMade(state: SessionState, made: MadeCheckpoint): SessionEvent[] {
	const { closed, head, uncheckpointed, dirty } = state;
	const { checkpoint, exec } = made;
	const isNews = head !== checkpoint.name || uncheckpointed || (exec !== undefined && dirty.has(exec));
	if (closed || !isNews || !isOfFiles(state, made)) return [];
	return [{ type: "checkpoint.made", checkpoint, ...(exec !== undefined && { exec }) }];
}

/** Newest last; a workspace that was set back has the same checkpoint twice, and only the newest is the current one. */
export function checkpointRecords({ checkpoints }: Pick<SessionState, "checkpoints">): CheckpointRecord[] {
	return checkpoints.map((record, index) => ({ ...record, current: index === checkpoints.length - 1 }));
}

export interface RestoreInput {
	/** Of the session that the caller may use. */
	uid: string;
	/** The checkpoint's name, or as much of its beginning as no other has. */
	name: string;
	by: string;
}

/** `message`: a sentence. */
export type RestoreReply = { state: "restored"; checkpoint: Checkpoint } | { state: "busy" | "unknown"; message: string };

/** Sets the workspace back. The files change when the next call begins. */
export function restoreCheckpoint(state: SessionState, { uid, name, by }: RestoreInput): { events: SessionEvent[]; reply: RestoreReply } {
	const unknown = (message: string) => ({ events: [], reply: { state: "unknown" as const, message } });
	if (state.identity?.uid !== uid || state.closed) return unknown("The session has no workspace.");
	const matches = new Map(state.checkpoints.filter((record) => record.name.startsWith(name)).map((record) => [record.name, record]));
	const [found] = matches.values();
	if (!found) return unknown(`The session has no checkpoint "${name}". ${offer(state)}`);
	if (matches.size > 1) return unknown(`"${name}" is the beginning of ${matches.size} checkpoints. Give more of the name.`);
	if (state.run && owedCalls(state.run).some(({ started }) => started?.node !== undefined)) {
		const message = "A tool call runs in the workspace. Wait for its end, or cancel the run, and try again.";
		return { events: [], reply: { state: "busy", message } };
	}
	if (state.execs.size > 0) {
		const message = "A person's command runs in the workspace. Wait for its end, or end it, and try again.";
		return { events: [], reply: { state: "busy", message } };
	}
	// Its order was of another epoch.
	const { at: _, callId: __, tool: ___, order: ____, ...checkpoint } = found;
	return { events: [{ type: "workspace.rewound", checkpoint, by }], reply: { state: "restored", checkpoint } };
}

function offer({ checkpoints }: Pick<SessionState, "checkpoints">): string {
	if (checkpoints.length === 0) return "It has none yet: a checkpoint is made after a tool call that changed a file.";
	return `It has ${[...new Set(checkpoints.map(({ name }) => name.slice(0, 12)))].join(", ")}.`;
}
