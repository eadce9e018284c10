/**
 * The state of a session: a fold over its journal. Kept in memory while the object is awake and rebuilt on waking;
 * nothing here is stored in any other form.
 */
import type { Message, Usage } from "../../src/models/message.ts";
import type { StopReason } from "../../src/models/port.ts";
import type { AgentSnapshot, Lease, LeaseCause, RunStatus, SessionIdentity } from "../ports.ts";
import type { CheckpointRecord } from "../workspace/checkpoint-record.ts";
import type { MessageAccepted, StartedCall } from "./events.ts";
import type { Outbox } from "./outbox.ts";

/** A call the model asked for that is owed a result. */
export interface OpenCall {
	callId: string;
	/** The provider's id of the call. */
	id: string;
	name: string;
	/** Raw JSON as the model wrote it. */
	arguments: string;
	started?: StartedCall;
	/** Fence of the drive that started it. */
	fence?: number;
	/** What it waits for on its node. */
	waitingFor?: string;
	/** Its node was asked once more after it should have answered. */
	overdue?: boolean;
	result?: { content: string; isError: boolean };
}

export interface ActiveRun {
	run: string;
	key: string;
	task: { name: string; uid: string } | undefined;
	/** The agent as it was when the run started: a run never changes its agent. */
	agent: AgentSnapshot;
	model: string;
	startedAt: number;
	deadlineAt: number;
	/** Model calls completed. */
	steps: number;
	/** Failed tries of the step under way. */
	failures: number;
	retryAt: number | undefined;
	/** A failure that is not retried. */
	failure: { code: string; message: string } | undefined;
	calls: OpenCall[];
	/** Set when the model answered without asking for a tool. */
	answer: { text: string; stopReason: StopReason } | undefined;
	cancel: { by: string; reason: string } | undefined;
	usage: Usage;
	/** How often a call lost its machine before it ran, and until when no other is asked for. */
	unbound: number;
	holdUntil: number;
}

export interface SessionState {
	/** Sequence number of the last event folded in. */
	seq: number;
	/** When that event was written, milliseconds since the epoch. */
	at: number;
	identity: SessionIdentity | undefined;
	/** The agent as of the last message. */
	agent: AgentSnapshot | undefined;
	closed: boolean;
	fence: number;
	/** Idempotency key → the message that came under it. */
	keys: Map<string, { run: string; seq: number }>;
	/** Accepted and not started. */
	queue: MessageAccepted[];
	run: ActiveRun | undefined;
	runs: Map<string, RunStatus>;
	messages: Message[];
	lease: Lease | undefined;
	/** What the dispatcher said when there was no room. */
	waitingFor: string | undefined;
	/** The lease is wanted back. */
	recall: { by: string; reason: string; cause: LeaseCause | undefined; cutAt: number | undefined } | undefined;
	/** Where the workspace is, and since which event: its epoch. */
	workspace: { node: string; incarnation: number } | undefined;
	/** Nodes that may have some of its files: all are told when the session goes. */
	visited: Set<string>;
	/** Sequence number of the event since which the node's files are the right ones; see `WorkspaceState`. */
	epoch: number;
	/** The session is on another machine than before and the model was not told yet. */
	workspaceLost: boolean;
	/** Newest last; at most {@link CHECKPOINTS_KEPT}. */
	checkpoints: KeptCheckpoint[];
	/** Of the checkpoint that the files are to be. */
	head: string | undefined;
	/** Order of that checkpoint among those of its epoch. */
	headOrder: number;
	/** The files on the node are in no checkpoint. */
	uncheckpointed: boolean;
	/** Checkpoints that are no longer kept and may still be in the store. */
	garbage: number;
	outbox: Outbox;
}

/** A checkpoint as the fold keeps it: which of them is the current one follows from their order. */
export type KeptCheckpoint = Omit<CheckpointRecord, "current">;

/** How far back a workspace can be set. */
export const CHECKPOINTS_KEPT = 20;

export function emptyState(): SessionState {
	return {
		seq: 0,
		at: 0,
		identity: undefined,
		agent: undefined,
		closed: false,
		fence: 0,
		keys: new Map(),
		queue: [],
		run: undefined,
		runs: new Map(),
		messages: [],
		lease: undefined,
		waitingFor: undefined,
		recall: undefined,
		workspace: undefined,
		visited: new Set(),
		epoch: 0,
		workspaceLost: false,
		checkpoints: [],
		head: undefined,
		headOrder: 0,
		uncheckpointed: false,
		garbage: 0,
		outbox: new Map(),
	};
}

/** `namespace/name`, the session's name between objects. */
export function sessionRef(identity: SessionIdentity): string {
	return `${identity.namespace}/${identity.name}`;
}

/** Path-safe name of the session's directory on a node; the uid keeps a session apart from a deleted one of its name. */
export function workspaceName(identity: SessionIdentity): string {
	return `${identity.namespace}.${identity.name}.${identity.uid.slice(0, 8)}`;
}

/** Calls that still lack a result. */
export function owedCalls(run: ActiveRun): OpenCall[] {
	return run.calls.filter((call) => call.result === undefined);
}

/** A machine that says something of a call. Absent: an older node's object passed it on, which did not say who. */
export interface CallReporter {
	callId: string;
	node?: string;
	incarnation?: number;
}

/** The owed call that runs on this machine: no other has a say in it. */
export function callOn({ run }: Pick<SessionState, "run">, { callId, node, incarnation }: CallReporter): OpenCall | undefined {
	const call = run && owedCalls(run).find((open) => open.callId === callId);
	if (node === undefined) return call;
	return call?.started?.node === node && call.started.incarnation === incarnation ? call : undefined;
}
