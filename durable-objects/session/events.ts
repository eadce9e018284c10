/**
 * The journal of a session: small events, appended only, whose fold (`state.ts`) is the session. Clients read the same
 * events over SSE, so this is also a public format: changes are additive.
 *
 * What is durable and what is not: every event below is a row before anything depends on it. Text deltas and tool
 * output while they run are shown live and are never rows.
 */
import type { Checkpoint, Unkept } from "../../containers/node/checkpoint/protocol.ts";
import type { AssistantMessage, Usage } from "../../src/models/message.ts";
import type { StopReason } from "../../src/models/port.ts";
import type { AgentSnapshot, Lease, LeaseCause, RunPhase, SessionIdentity } from "../ports.ts";

/** The first event: who this session is. */
export interface SessionOpened {
	type: "session.opened";
	identity: SessionIdentity;
	agent: AgentSnapshot;
}

/** The agent's spec is another one than at the last message. It counts from the next run on. */
export interface AgentChanged {
	type: "agent.changed";
	agent: AgentSnapshot;
}

/** A message is in the inbox, under its idempotency key. It will be answered or visibly failed. */
export interface MessageAccepted {
	type: "message.accepted";
	run: string;
	key: string;
	text: string;
	author?: string;
	task?: { name: string; uid: string };
	model?: string;
	/** Longest time from the start of the run to its end, in milliseconds. */
	deadlineMs: number;
}

export interface RunStarted {
	type: "run.started";
	run: string;
	model: string;
	/** Milliseconds since the epoch. */
	deadlineAt: number;
}

/** A new drive of the run took over: what an older drive still returns is discarded. */
export interface DriveStarted {
	type: "drive.started";
	run: string;
	fence: number;
}

/** The model answered. Its calls, if any, are now owed a result each. `step` counts from 1 within a run. */
export interface ModelCompleted {
	type: "model.completed";
	run: string;
	step: number;
	message: AssistantMessage;
	stopReason: StopReason;
	usage: Usage;
	durationMs: number;
}

/** A model call failed. With `retryAt` it is repeated then, and text shown of it so far is void. */
export interface ModelFailed {
	type: "model.failed";
	run: string;
	step: number;
	/** 1 for the first try. */
	attempt: number;
	code: string;
	message: string;
	/** Milliseconds since the epoch. */
	retryAt?: number;
}

/** These calls are about to run. Journaled before the effect. */
export interface ToolsStarted {
	type: "tools.started";
	run: string;
	calls: StartedCall[];
}

export interface StartedCall {
	/**
	 * Unique over all sessions and safe as a file name. Ends in `.SEQ.INDEX`: the sequence number of the `model.completed`
	 * that asked for it, and its place among that message's calls, from 0.
	 */
	callId: string;
	name: string;
	/** Where it runs; absent: in the Worker. */
	node?: string;
	incarnation?: number;
	/** Milliseconds since the epoch after which the node's silence is no longer taken for work. */
	giveUpAt: number;
	/** Its node is told to checkpoint what it changes. Absent: nobody was, in the days before there were checkpoints. */
	kept?: true;
	/** Its node is told when the lease ends, and then ends what the call left running. Absent: an older klaw started it. */
	rests?: true;
}

/** The node was silent for too long, or klaw was away for that long. It is asked once more and given until `giveUpAt`. */
export interface ToolOverdue {
	type: "tool.overdue";
	run: string;
	callId: string;
	giveUpAt: number;
}

/** The call's machine is gone and repeating it does no harm: it may be started on another. */
export interface ToolsUnbound {
	type: "tools.unbound";
	run: string;
	callId: string;
}

/**
 * The node has done the call, or is to begin it, and waits for the store of checkpoints. `giveUpAt` is moved on, since its
 * silence is now explained.
 */
export interface ToolWaiting {
	type: "tool.waiting";
	run: string;
	callId: string;
	/** A sentence. */
	message: string;
	giveUpAt: number;
}

/** The machine on which calls of the run are does not speak: they may be running or not. */
export interface NodeSilent {
	type: "node.silent";
	run: string;
	node: string;
	incarnation: number;
	/** Since when, in milliseconds since the epoch. */
	since: number;
	/** A sentence: what is known, and how long the machine is given. */
	message: string;
}

/** The machine speaks again. */
export interface NodeHeard {
	type: "node.heard";
	run: string;
	node: string;
	incarnation: number;
}

export interface ToolCompleted {
	type: "tool.completed";
	run: string;
	callId: string;
	name: string;
	content: string;
	isError: boolean;
	durationMs: number;
	/** klaw gave the call up while it may still run: its node is told to stop it. */
	abandoned?: true;
	/** Its machine was lost, and with it the word of how it ended. */
	lost?: true;
	/** The workspace as the call left it; absent when the call changed nothing. */
	checkpoint?: Checkpoint;
	/** The workspace has changes that no checkpoint has. */
	uncheckpointed?: true;
	/** Why it has them, as far as the node says so. */
	unkept?: Unkept;
}

/** The workspace was checkpointed outside of a call: a person's command had changed it. */
export interface CheckpointMade {
	type: "checkpoint.made";
	checkpoint: Checkpoint;
	/** Id of that command. Absent: the word of an older klaw. */
	exec?: string;
}

/** A person gave up the files that are in no checkpoint: those of the last one are the right ones from here on, wherever that is. */
export interface WorkspaceAbandoned {
	type: "workspace.abandoned";
	by: string;
	/** A clause, e.g. `evicted by kubernetes-admin`. */
	reason: string;
}

/** The node that alone had the files is no more, while the session was not on it: those of the last checkpoint are the right ones. */
export interface WorkspaceLost {
	type: "workspace.lost";
	node: string;
}

/** Someone set the workspace back to an older checkpoint. The next call begins with its files. */
export interface WorkspaceRewound {
	type: "workspace.rewound";
	checkpoint: Checkpoint;
	by: string;
}

/** Checkpoints that are no longer kept were removed from the store. */
export interface CheckpointsCollected {
	type: "checkpoints.collected";
	/** There is more that may go now. Absent: what is left is too young. */
	more?: true;
}

export interface LeaseQueued {
	type: "lease.queued";
	/** Absent: a person's command waits, and no run is under way. */
	run?: string;
	/** Kubernetes' words: `0/1 nodes are available: 1 Insufficient cpu.` */
	message: string;
}

/** No node will ever have room: the run fails. */
export interface LeaseRefused {
	type: "lease.refused";
	run: string;
	message: string;
}

export interface LeaseGranted {
	type: "lease.granted";
	lease: Lease;
	/** The node that the session leaves is told so, if it does leave one. Absent: an older klaw told nobody. */
	leaves?: true;
}

export interface LeaseReleased {
	type: "lease.released";
	/** Absent: it only waited for one. */
	id?: string;
	/** Set when the lease was taken away, not given back. */
	reason?: string;
	cause?: LeaseCause;
}

/**
 * The lease is wanted back: it is given back at the next boundary of a tool call, and until then no other call begins. A
 * call that still runs at `cutAt` is cut, and the model is told that its outcome is unknown.
 */
export interface LeaseRecalled {
	type: "lease.recalled";
	/** Of the lease. */
	id: string;
	by: string;
	/** Why, for people, e.g. `evicted by kubernetes-admin`. */
	reason: string;
	cause?: LeaseCause;
	/** Milliseconds since the epoch; absent: the call may take its time. */
	cutAt?: number;
	/** When commands of people are cut that alone are in the way; absent: when a run of the session needs the machine. */
	execsCutAt?: number;
	/** A person gives up what is in no checkpoint by then. */
	abandon?: true;
}

/** A person's command is to run in the workspace. Until it is closed the session wants a lease, and keeps the one it has. */
export interface ExecOpened {
	type: "exec.opened";
	id: string;
	/** The person. */
	by: string;
	/** What it changes is put into the store. Absent: there is none. */
	kept?: true;
}

/** A person's command has ended, or nobody waits for it any more. */
export interface ExecClosed {
	type: "exec.closed";
	id: string;
	/** It still ran, and was cut: why, as a sentence for the person. */
	cut?: string;
	/** Its end is not the node's word: that is told of it, since the command may still be on its way there. */
	untold?: true;
	/** Its machine is lost, or did not say that it began. */
	unheard?: true;
	/** It never ran, because no node will ever have room: the dispatcher's sentence. */
	refused?: string;
	/** The workspace as it left it; absent when it changed nothing. */
	checkpoint?: Checkpoint;
	/** The workspace has changes that no checkpoint has. */
	uncheckpointed?: true;
	/** Why it has them, as far as the node says so. */
	unkept?: Unkept;
}

/** Someone wants the run to stop. It ends `Cancelled` as soon as this event is read. */
export interface CancelRequested {
	type: "cancel.requested";
	run: string;
	by: string;
	reason: string;
}

export interface RunFinished {
	type: "run.finished";
	run: string;
	phase: Extract<RunPhase, "Succeeded" | "Failed" | "Cancelled">;
	/** `Completed` or the CamelCase reason of the failure. */
	code: string;
	/** A sentence for a person; empty only when it succeeded. */
	message: string;
	/** The answer; when the run failed, what there was of it. */
	result: string;
	iterations: number;
	usage: Usage;
}

/** The session is deleted: what runs is cancelled, what it holds is given back, then its storage is wiped. */
export interface SessionClosed {
	type: "session.closed";
}

/** An item of the outbox was accepted by its receiver. */
export interface Delivered {
	type: "delivered";
	/** See `outbox.ts`. */
	id: string;
	/** It was heard, and nobody does it. */
	refused?: true;
}

export type SessionEvent =
	| SessionOpened
	| AgentChanged
	| MessageAccepted
	| RunStarted
	| DriveStarted
	| ModelCompleted
	| ModelFailed
	| ToolsStarted
	| ToolOverdue
	| ToolsUnbound
	| ToolWaiting
	| NodeSilent
	| NodeHeard
	| ToolCompleted
	| CheckpointMade
	| WorkspaceRewound
	| WorkspaceAbandoned
	| WorkspaceLost
	| CheckpointsCollected
	| LeaseQueued
	| LeaseRefused
	| LeaseGranted
	| LeaseReleased
	| LeaseRecalled
	| ExecOpened
	| ExecClosed
	| CancelRequested
	| RunFinished
	| SessionClosed
	| Delivered;

/** An event with its place. `seq` counts from 1 without gaps; `at` is milliseconds since the epoch. */
export interface Journaled<E extends SessionEvent = SessionEvent> {
	seq: number;
	at: number;
	event: E;
}

/** Shown live, never stored. `position` counts characters of this step's text or this call's output so far. */
export type LiveEvent =
	| { type: "model.delta"; run: string; step: number; attempt: number; position: number; text: string }
	| { type: "tool.output"; run: string; callId: string; position: number; text: string };
