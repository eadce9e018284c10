/**
 * What the scheduler works with, as plain data. It knows neither storage nor time: the dispatcher hands both in.
 */
import type { Capacity, NodeTaint } from "../../../containers/node/protocol.ts";
import type { LeaseRequest } from "../../ports.ts";

/** A node as the scheduler sees it. What is allocated on it follows from the placements that are added and removed. */
export interface SchedulerNode {
	name: string;
	incarnation: number;
	ready: boolean;
	unschedulable: boolean;
	capacity: Capacity;
	labels: Readonly<Record<string, string>>;
	taints: readonly NodeTaint[];
	/** A container serves one namespace from its start to its end. */
	boundNamespace?: string;
}

/** A request that holds capacity of a node: it has a lease. */
export interface Placed {
	request: LeaseRequest;
	node: string;
}

/** How nodes are scored; Kubernetes' names (NodeResourcesFitArgs.scoringStrategy). */
export interface SchedulerConfig {
	scoringStrategy: ScoringStrategy;
	/** Weight of each score; 0 switches it off. */
	weights: Readonly<Record<ScoreName, number>>;
}

export type ScoringStrategy = (
	| { type: "MostAllocated" | "LeastAllocated" }
	/** Points of utilization (0 to 100) and score (0 to 10), as in Kubernetes. */
	| { type: "RequestedToCapacityRatio"; shape: readonly { utilization: number; score: number }[] }
) & {
	/** What counts and how much, as in Kubernetes; absent: cpu and memory, both 1. */
	resources?: readonly { name: ResourceName; weight: number }[];
};

export type ResourceName = "cpu" | "memory" | "ephemeral-storage";

export type ScoreName =
	| "NodeResourcesFit"
	| "NodeAffinity"
	| "SessionAffinity"
	| "PodTopologySpread"
	| "TaintToleration"
	| "WorkspaceLocality";

export type Placement =
	| { node: string; score: number }
	/** `0/5 nodes are available: 3 Insufficient memory, 2 node(s) were unschedulable.` */
	| { message: string };

/** One node in the account of a decision. */
export interface NodeVerdict {
	node: string;
	/** The first filter that refused it, with Kubernetes' words; absent: it was feasible. */
	refusedBy?: string;
	reason?: string;
	/** Each score from 0 to 100, before its weight. */
	scores?: Partial<Record<ScoreName, number>>;
	/** Sum of the weighted scores. */
	total?: number;
}

/** Why a session is where it is, or nowhere. */
export interface Decision {
	session: string;
	/** Milliseconds since the epoch. */
	at: number;
	node?: string;
	message: string;
	/** Best first, then the refused; at most {@link DECISION_NODES}, `omitted` counts the rest. */
	nodes: NodeVerdict[];
	omitted: number;
	evaluated: number;
	feasible: number;
	/** Sessions of lower priority that are asked to make room, and where. */
	preemption?: { node: string; victims: string[] };
}
export const DECISION_NODES = 20;
