import type { Decision, NodeVerdict } from "../../../durable-objects/dispatcher/scheduler/types.ts";
import { timestamp } from "../../resources/resource.ts";
import type { PlacementStatus, PlacementVerdict } from "../../resources/virtual/placement-review.ts";

/**
 * A decision of the scheduler as people of one namespace may see it: sessions of others are counted and not named.
 * @param recorded whether it was really made, or only thought through
 */
export function placementStatus(decision: Decision, namespace: string, recorded: boolean): PlacementStatus {
	const { at, node, message, nodes, omitted, evaluated, feasible, preemption } = decision;
	return {
		recorded,
		time: timestamp(at),
		...(node !== undefined && { node }),
		message: recorded || node === undefined ? message : `Would be assigned to ${node}`,
		nodes: nodes.map(rounded),
		omitted,
		evaluated,
		feasible,
		...(preemption && { preemption: { node: preemption.node, ...victimsFor(namespace, preemption.victims) } }),
	};
}

/** Nobody needs more than two decimals of a score. */
function rounded({ scores, total, ...verdict }: NodeVerdict): PlacementVerdict {
	return {
		...verdict,
		...(scores && { scores: Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, hundredths(score)])) }),
		...(total !== undefined && { total: hundredths(total) }),
	};
}

function hundredths(value: number): number {
	return Math.round(value * 100) / 100;
}

function victimsFor(namespace: string, victims: readonly string[]): { victims: string[]; others: number } {
	const own = victims.filter((victim) => victim.startsWith(`${namespace}/`));
	return { victims: own.map((victim) => victim.slice(namespace.length + 1)), others: victims.length - own.length };
}
