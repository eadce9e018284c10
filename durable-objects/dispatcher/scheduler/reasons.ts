/** Why nodes are refused: kube-scheduler's words where it has them. */

/** A filter. Its name is the one of kube-scheduler's plugin where there is one. */
export type FilterName =
	| "NodeReady"
	| "NodeUnschedulable"
	| "TaintToleration"
	| "NodeAffinity"
	| "WorkspaceBound"
	| "Isolation"
	| "NodeResourcesFit"
	| "SessionAffinity"
	| "PodTopologySpread"
	| "NominatedRoom"
	| "Waiting";

/** What one filter says of one node. */
export interface Refusal {
	filter: FilterName;
	/** Several, when several resources are short. */
	reasons: readonly string[];
	/** It would be the same with every session of the node gone. */
	final: boolean;
}

function refusal(filter: FilterName, reason: string, final = false): Refusal {
	return { filter, reasons: [reason], final };
}

export const NOT_READY = refusal("NodeReady", "node(s) were not ready", true);
export const UNSCHEDULABLE = refusal("NodeUnschedulable", "node(s) were unschedulable", true);
export const NODE_AFFINITY = refusal("NodeAffinity", "node(s) didn't match Pod's node affinity/selector", true);
export const WORKSPACE_BOUND = refusal("WorkspaceBound", "node(s) did not hold the session's workspace", true);
export const OTHER_NAMESPACE = refusal("Isolation", "node(s) served another namespace");
export const OTHER_SESSION = refusal("Isolation", "node(s) served another session");
export const TOO_MANY = "Too many pods";
export const AFFINITY = refusal("SessionAffinity", "node(s) didn't match pod affinity rules", true);
export const ANTI_AFFINITY = refusal("SessionAffinity", "node(s) didn't match pod anti-affinity rules");
export const EXISTING_ANTI_AFFINITY = refusal("SessionAffinity", "node(s) didn't satisfy existing pods anti-affinity rules");
export const SPREAD = refusal("PodTopologySpread", "node(s) didn't match pod topology spread constraints");
export const SPREAD_LABEL = refusal(
	"PodTopologySpread",
	"node(s) didn't match pod topology spread constraints (missing required label)",
	true,
);
export const KEPT_FOR_PRIORITY = refusal("NominatedRoom", "node(s) were kept for sessions of higher priority");
export const KEPT_FOR_WAITING = refusal("Waiting", "node(s) were kept for sessions that have waited longer");

export function untolerated(key: string, value = ""): Refusal {
	return refusal("TaintToleration", `node(s) had untolerated taint {${key}: ${value}}`, true);
}

/** How often each reason was given. */
export class ReasonCounts {
	readonly #counts = new Map<string, number>();

	add(reason: string, times = 1): void {
		this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + times);
	}

	/** `0/5 nodes are available: 3 Insufficient memory, 2 node(s) were unschedulable.`, sorted as kube-scheduler sorts: as text. */
	sentence(nodes: number): string {
		const parts = [...this.#counts].map(([reason, count]) => `${count} ${reason}`).sort();
		return `0/${nodes} nodes are available: ${parts.join(", ")}.`;
	}
}

export const NO_NODES = "0/0 nodes are available: no node has joined. Join one with `klaw node join URL --token-file FILE`.";
