/**
 * What Durable Objects say to each other, as plain data over RPC. Old and new code of a deployment talk to each other
 * for minutes, so every change here is additive. Every call that changes something may be repeated.
 */
import type { WorkspaceState } from "../containers/node/checkpoint/protocol.ts";
import type { Capacity, NodeTaint, NodeToolResult, SessionLimits } from "../containers/node/protocol.ts";
import type { Usage } from "../src/models/message.ts";
import type { Affinity, Toleration } from "../src/resources/agent/affinity.ts";
import type { ResolvedAgentSpec } from "../src/resources/agent/schema.ts";
import type { TopologySpreadConstraint } from "../src/resources/agent/topology-spread.ts";

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
	/** Value and policy of the agent's PriorityClass when the message was accepted; absent: 0. */
	priority?: number;
	preemptionPolicy?: "PreemptLowerPriority" | "Never";
	/** Labels of the session itself when the message was accepted, for the affinity of others; absent: none. */
	sessionLabels?: Record<string, string>;
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
	/** Digest of the agent's spec that the run has. Absent: an older session does not say. */
	revision?: string;
	run: RunStatus;
	task?: { name: string; uid: string };
	/** What happened to the session since its last report, for its events. */
	notices?: Notice[];
	/** Whether its files are in a checkpoint. Absent: they were never in question. */
	checkpointed?: CheckpointedReport;
}

/** What becomes the session's condition `Checkpointed`. */
export interface CheckpointedReport {
	/** The only machine that has the files; absent: they are in a checkpoint, or were given up. */
	node?: string;
	/** CamelCase. */
	reason: string;
	/** Sentences; empty when there is nothing to explain. */
	message: string;
	/** Since when, in milliseconds since the epoch. */
	since: number;
}

/** An event of a session, in Kubernetes' terms. */
export interface Notice {
	type: "Normal" | "Warning";
	/** CamelCase. */
	reason: string;
	/** A sentence. */
	message: string;
}

/** An event of a node. Dispatcher → the namespace `default`, where Kubernetes has the events of what is in no namespace. */
export interface NodeNotice extends Notice {
	node: string;
	uid: string;
	/** How often it happened since it was last told. */
	count: number;
}

/** Why a session lost its node, as the reason of an event. */
export type LeaseCause = "Evicted" | "Preempted" | "Rescheduled" | "NodeLost";

// ── Dispatcher ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface ResourceRequest {
	/** Cores. */
	cpu: number;
	/** Bytes. */
	memory: number;
	/** Bytes; absent: none. */
	ephemeralStorage?: number;
}

/**
 * Who may share a node. `none`: everybody; `namespace`: sessions of one namespace at a time; `session`: one session.
 * A node has one too (its label `klaw.sh/isolation`), and the stricter of the two holds.
 */
export type Isolation = "none" | "namespace" | "session";

/** A session asks for a machine. Asked again by a session that holds a live lease, the same lease is the answer. */
export interface LeaseRequest {
	/** `namespace/name` */
	session: string;
	namespace: string;
	requests: ResourceRequest;
	nodeSelector: Record<string, string>;
	/** Of the session, for the affinity of others: those that its pod shows, `klaw.sh/agent` and `klaw.sh/session` among them. */
	labels?: Record<string, string>;
	affinity?: Affinity;
	tolerations?: Toleration[];
	topologySpreadConstraints?: TopologySpreadConstraint[];
	/** As its PriorityClass says; absent: 0. */
	priority?: number;
	preemptionPolicy?: "PreemptLowerPriority" | "Never";
	/** Absent: `namespace`. */
	isolation?: Isolation;
	/** Node that has the session's files on its disk, with the incarnation that has them. */
	workspaceNode?: string;
	workspaceIncarnation?: number;
	/** The files are nowhere else: no other node will do while that one exists. */
	workspaceBound?: boolean;
}

export interface Lease {
	id: string;
	session: string;
	node: string;
	/** Incarnation of the node when the lease was given; a node of another incarnation is another machine. */
	incarnation: number;
	/** Milliseconds since the epoch. */
	expiresAt: number;
	/** Uid of a machine whose disk outlives its incarnations; absent: a container, or an older dispatcher gave the lease. */
	machine?: string;
	/** What the dispatcher takes for true of {@link LeaseRequest.workspaceBound}; absent: an older one, which does not say. */
	bound?: boolean;
}

/**
 * `refused`: it is larger than any node there is or could be started, so waiting is of no use. `message`: a sentence.
 * `passing`: the reason to wait will soon be another one (a container is being started): it is worth asking again.
 */
export type AcquireReply =
	| { state: "granted"; lease: Lease }
	| { state: "queued"; message: string; passing?: true }
	| { state: "refused"; message: string };

/** `joined`: a machine that dialled in. `container`: one that klaw started and may stop. */
export type NodeSource = "joined" | "container";

/**
 * `Ready`: it answers. `NotReady`: it is known and may take no session yet (a container that starts). `Unknown`: nothing was
 * heard of it; after {@link NODE_LOST_MS} it is lost and its leases are revoked.
 */
export type NodeState = "Ready" | "NotReady" | "Unknown";

/** Without a heartbeat for so long a node is lost: its incarnation is over. Kubernetes' node-monitor-grace-period was 40 s. */
export const NODE_LOST_MS = 40_000;

/** What a node's object says of its machine when it can be used. */
export interface NodeJoined {
	name: string;
	uid: string;
	incarnation: number;
	/** Absent: `joined`. */
	source?: NodeSource;
	capacity: Capacity;
	/** What the machine was found to have, whatever it offers. Absent: a container, or an older runtime. */
	detected?: Capacity;
	labels: Record<string, string>;
	/** As of its first join; afterwards they are people's own. */
	taints?: NodeTaint[];
	version: string;
	os: string;
	arch: string;
	osImage?: string;
	kernelVersion?: string;
	hostname?: string;
	/** Another one after each boot of the machine. */
	bootId?: string;
	addresses?: { type: string; address: string }[];
	/** What its sessions are kept apart with: `none`, `user`, `bubblewrap`. */
	sandbox?: string;
}

/** A node as the dispatcher knows it. */
export interface NodeRecord extends NodeJoined {
	/** The state is `Ready`. */
	ready: boolean;
	/** Absent (an older record): by `ready`. */
	state?: NodeState;
	/** CamelCase reason of the state and a sentence. */
	reason?: string;
	message?: string;
	/** Cordoned: nothing new comes here. */
	unschedulable?: boolean;
	/** A container serves one namespace from its start to its end. */
	boundNamespace?: string;
	createdAt: number;
	/** When the state last changed. */
	transitionAt: number;
	/** When the machine was last heard of, as far as it is known. */
	heardAt?: number;
	/** Since when it has had no lease; absent: it has one. Containers only. */
	idleSince?: number;
	/** Sessions with a live lease, and what they hold. Derived, never stored. */
	leases: Lease[];
	allocated: ResourceRequest & { slots: number };
}

/** What the dispatcher wants a node's object to start. */
export interface ContainerOrder {
	/** Of the node to be. */
	name: string;
	/** What an instance offers; the machine's own word is not asked. */
	capacity: Capacity;
	labels: Record<string, string>;
	taints?: NodeTaint[];
}

/** How a node stands when its object is asked. */
export interface NodeHeartbeat {
	connected: boolean;
	incarnation: number;
	/** Milliseconds since the epoch; 0: never. */
	heardAt: number;
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
	/** What the workspace is to be when the tool begins. */
	state?: WorkspaceState;
	limits?: SessionLimits;
}

/**
 * `sent`: on its way, the result comes by {@link NodeResultReport}. `disconnected`: nothing was sent; the session is
 * woken when the node is back. `replaced`: the machine of that incarnation is gone for good. Whoever was told of a silence
 * is woken when it begins and when it ends, and is told by the answer which of the two it is.
 */
export type CallReply =
	| { state: "sent"; silence?: NodeSilence }
	| { state: "disconnected"; silence?: NodeSilence }
	| { state: "replaced"; incarnation: number };

/** A machine that somebody waits for, and that does not speak. */
export interface NodeSilence {
	/** When its connection ended, or when it was last heard over one that is open; milliseconds since the epoch. */
	since: number;
	/** Its connection is open. */
	connected: boolean;
	/** When it is lost if it stays silent, in milliseconds since the epoch; absent: a container, which is replaced when it is found dead. */
	lostAt?: number;
}

/** Node → Session. `accepted: false` means that the session will never want it: acknowledge and forget. */
export interface NodeResultReport {
	callId: string;
	node: string;
	incarnation: number;
	result: NodeToolResult;
	/** `false`: the machine's runtime is from before there were checkpoints, and puts no workspace into the store. */
	keeps?: boolean;
}
