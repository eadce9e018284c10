/**
 * What Durable Objects say to each other, as plain data over RPC. Old and new code of a deployment talk to each other
 * for minutes, so every change here is additive. Every call that changes something may be repeated.
 */
import type { Capacity, NodeToolResult } from "../containers/node/protocol.ts";
import type { Usage } from "../src/models/message.ts";
import type { ResolvedAgentSpec } from "../src/resources/agent/schema.ts";

// ── Session ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who a session is. `uid` is its resource's uid and never changes. */
export interface SessionIdentity {
	namespace: string;
	name: string;
	uid: string;
}

/** An agent as it was when a message was accepted. */
export interface AgentSnapshot {
	name: string;
	/** Digest of the spec; a new digest is a new revision. */
	digest: string;
	spec: ResolvedAgentSpec;
}

/** A message to a session. The same `key` again is answered with the first answer and starts nothing. */
export interface Inbound {
	key: string;
	text: string;
	author?: string;
	/** Set when the message is the prompt of a Task: how its run ends is reported to the Namespace under this name. */
	task?: { name: string; uid: string };
	/** Overrides of the agent's own, for this run. */
	model?: string;
	/** Longest time from start to end of the run, in milliseconds. */
	deadlineMs?: number;
}

export interface SendReply {
	/** Sequence number of the message in the journal: stream events after it to follow the run. */
	seq: number;
	run: string;
	/** The key was known already. */
	duplicate: boolean;
}

export type RunPhase = "Pending" | "Running" | "Succeeded" | "Failed" | "Cancelled";

/** A run as others see it. */
export interface RunStatus {
	run: string;
	phase: RunPhase;
	/** CamelCase reason and a full sentence; set when the run failed or was cancelled. */
	code?: string;
	message?: string;
	/** The answer. */
	result?: string;
	model?: string;
	iterations: number;
	usage: Usage;
	/** Milliseconds since the epoch. */
	startedAt?: number;
	finishedAt?: number;
}

/** Session → Namespace, through the session's outbox until it is accepted. */
export interface SessionReport {
	session: string;
	uid: string;
	/** Order of the reports of one session: an older one never overwrites a newer. */
	seq: number;
	phase: "Idle" | "Running" | "Waiting";
	/** Why it is waiting, e.g. `0/1 nodes are available: 1 Insufficient cpu.` */
	waitingFor?: string;
	node?: string;
	run: RunStatus;
	task?: { name: string; uid: string };
}

// ── Dispatcher ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface ResourceRequest {
	/** Cores. */
	cpu: number;
	/** Bytes. */
	memory: number;
}

/** A session asks for a machine. Asked again by a session that holds a live lease, the same lease is the answer. */
export interface LeaseRequest {
	/** `namespace/name` */
	session: string;
	namespace: string;
	requests: ResourceRequest;
	nodeSelector: Record<string, string>;
	/** Node that holds the session's workspace: no other will do while that node exists. */
	workspaceNode?: string;
}

export interface Lease {
	id: string;
	session: string;
	node: string;
	/** Incarnation of the node when the lease was given; a node of another incarnation is another machine. */
	incarnation: number;
	/** Milliseconds since the epoch. */
	expiresAt: number;
}

export type AcquireReply = { state: "granted"; lease: Lease } | { state: "queued"; message: string };

/** A node as the dispatcher knows it. */
export interface NodeRecord {
	name: string;
	uid: string;
	incarnation: number;
	ready: boolean;
	capacity: Capacity;
	labels: Record<string, string>;
	/** Cordoned: nothing new comes here. */
	unschedulable?: boolean;
	version: string;
	os: string;
	arch: string;
	createdAt: number;
	/** When `ready` last changed. */
	transitionAt: number;
	/** Sessions with a live lease, and what they hold. Derived, never stored. */
	leases: Lease[];
	allocated: ResourceRequest & { slots: number };
}

// ── Node ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NodeCall {
	callId: string;
	session: string;
	workspace: string;
	/** The incarnation that the lease names. */
	incarnation: number;
	tool: string;
	arguments: Record<string, unknown>;
	timeoutMs: number;
}

/**
 * `sent`: on its way, the result comes by {@link NodeResultReport}. `disconnected`: nothing was sent; the session is
 * woken when the node is back. `replaced`: the machine of that incarnation is gone for good.
 */
export type CallReply = { state: "sent" } | { state: "disconnected" } | { state: "replaced"; incarnation: number };

/** Node → Session. `accepted: false` means that the session will never want it: acknowledge and forget. */
export interface NodeResultReport {
	callId: string;
	node: string;
	incarnation: number;
	result: NodeToolResult;
}
