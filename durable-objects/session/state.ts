/**
 * The state of a session: a fold over its journal. Kept in memory while the object is awake and rebuilt on waking;
 * nothing here is stored in any other form.
 */
import type { Message, Usage } from "../../src/models/message.ts";
import type { StopReason } from "../../src/models/port.ts";
import type { AgentSnapshot, Lease, LeaseCause, RunStatus, SessionIdentity } from "../ports.ts";
import type { CheckpointRecord } from "../workspace/checkpoint-record.ts";
import type { Arrival } from "./arrival.ts";
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
	/** When it was started, in milliseconds since the epoch. */
	startedAt?: number;
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
	/** Something ran on a node since a lease ended last: at the end of this one the node is told. */
	hasRun: boolean;
	/** When a lease ended last, or a place in the queue was given back, in milliseconds since the epoch. */
	leftAt: number;
	/** What the run had left in the background was ended with a lease, and the model was not told yet. */
	rested: boolean;
	/** What the dispatcher said when there was no room. */
	waitingFor: string | undefined;
	/** The machine of calls under way, while it does not speak. */
	silent: { node: string; incarnation: number; since: number; message: string } | undefined;
	/** The lease is wanted back. */
	recall: RecalledLease | undefined;
	/** Where the workspace is, and since which event: its epoch. `machine` as of the lease. */
	workspace: { node: string; incarnation: number; machine?: string } | undefined;
	/** Nodes that may have some of its files: all are told when the session goes. */
	visited: Set<string>;
	/** Sequence number of the event since which the node's files are the right ones; see `WorkspaceState`. */
	epoch: number;
	/** A call or a command of a person began on a node, now or at some time. */
	touched: boolean;
	/** The files are not what the last call left, and the model was not told yet. */
	arrival: Arrival | undefined;
	/** Newest last; at most {@link CHECKPOINTS_KEPT}. */
	checkpoints: KeptCheckpoint[];
	/** Of the checkpoint that the files are to be. */
	head: string | undefined;
	/** Order of that checkpoint among those of its epoch. */
	headOrder: number;
	/** The files on the node are in no checkpoint. */
	uncheckpointed: boolean;
	/** How that came to be so, or not to be so any more; absent: it never was. */
	checkpointed: { holds: boolean; reason: string; message: string; since: number } | undefined;
	/**
	 * Calls and commands of people that may have changed the files on the node, and of whose end it has not said a word, by
	 * their ids. No checkpoint is known to have what they left.
	 */
	dirty: Map<string, Unheard>;
	/** Checkpoints that are no longer kept and may still be in the store. */
	garbage: number;
	/** Commands of people that are to run, or run, by their ids. */
	execs: Map<string, OpenExec>;
	/** Where the namespace was last told that the session is, and its files, should they be nowhere else. */
	told: { node: string | undefined; waitingFor: string | undefined; only: string | undefined };
	outbox: Outbox;
}

/** Of whose end its node has not said a word. */
export interface Unheard {
	/** Milliseconds since the epoch. */
	givenUpAt: number;
	/** A person's command, not the model's call. */
	ofPerson: boolean;
}

/** As `lease.recalled` says; `at`: when it was wanted back first. */
export interface RecalledLease {
	at: number;
	by: string;
	reason: string;
	cause: LeaseCause | undefined;
	cutAt: number | undefined;
	execsCutAt: number | undefined;
	abandon: boolean;
}

/** A person's command in the workspace. It runs only where the session holds a lease. */
export interface OpenExec {
	/** Milliseconds since the epoch. */
	openedAt: number;
	by: string;
	/** What it changes is put into the store. */
	kept: boolean;
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
		hasRun: false,
		leftAt: 0,
		rested: false,
		waitingFor: undefined,
		silent: undefined,
		recall: undefined,
		workspace: undefined,
		visited: new Set(),
		epoch: 0,
		touched: false,
		arrival: undefined,
		checkpoints: [],
		head: undefined,
		headOrder: 0,
		uncheckpointed: false,
		checkpointed: undefined,
		dirty: new Map(),
		garbage: 0,
		execs: new Map(),
		told: { node: undefined, waitingFor: undefined, only: undefined },
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

/** How long a call has been under way, in milliseconds; 0: it has not begun. */
export function ranMs({ startedAt }: Pick<OpenCall, "startedAt">, now: number): number {
	return startedAt === undefined ? 0 : Math.max(0, now - startedAt);
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
