import type { NodeTaint } from "../../../containers/node/protocol.ts";
import type { Toleration } from "../../../src/resources/agent/affinity.ts";

/** Kubernetes' taint of a cordoned node: whoever tolerates it may come all the same. */
const UNSCHEDULABLE: NodeTaint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

export function toleratesUnschedulable(tolerations: readonly Toleration[]): boolean {
	return isTolerated(UNSCHEDULABLE, tolerations);
}

/** The first taint that keeps such a session off the node. What NoExecute would do later is no matter when a node is chosen. */
export function untoleratedTaint(taints: readonly NodeTaint[], tolerations: readonly Toleration[]): NodeTaint | undefined {
	return taints.find((taint) => taint.effect !== "PreferNoSchedule" && !isTolerated(taint, tolerations));
}

/** How many taints would rather keep such a session off. */
export function softTaints(taints: readonly NodeTaint[], tolerations: readonly Toleration[]): number {
	return taints.filter((taint) => taint.effect === "PreferNoSchedule" && !isTolerated(taint, tolerations)).length;
}

export function isTolerated(taint: NodeTaint, tolerations: readonly Toleration[]): boolean {
	return tolerations.some(({ key, operator = "Equal", value = "", effect }) => {
		if (effect !== undefined && effect !== taint.effect) return false;
		// Without a key it is every taint; that is only allowed with Exists.
		if (key !== undefined && key !== "" && key !== taint.key) return false;
		return operator === "Exists" || value === (taint.value ?? "");
	});
}
