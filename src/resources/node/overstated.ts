import { overstated } from "../../../containers/node/overstated.ts";
import type { NodeJoined, NodeRecord } from "../../../durable-objects/ports.ts";
import type { Condition } from "../conditions.ts";
import { timestamp } from "../resource.ts";

/** Type of the condition. */
export const CAPACITY_OVERSTATED = "CapacityOverstated";

/**
 * That a node offers more than its machine was found to have, as a condition: the scheduler takes the node at its word. None
 * where it does not.
 *
 * @param before the node's conditions so far: one that stays keeps the time at which it came
 */
export function overstatedCondition(
	{ capacity, detected, transitionAt }: Pick<NodeJoined, "capacity" | "detected"> & Pick<NodeRecord, "transitionAt">,
	before: readonly Condition[] = [],
): Condition[] {
	const what = detected === undefined ? "" : overstated(capacity, detected);
	if (what === "") return [];
	const lastTransitionTime = before.find(({ type }) => type === CAPACITY_OVERSTATED)?.lastTransitionTime ?? timestamp(transitionAt);
	const message = `The node offers more than its machine was found to have: ${what}. Sessions that use all of it are slowed down, or killed.`;
	return [{ type: CAPACITY_OVERSTATED, status: "True", reason: "OfferedByHand", message, lastTransitionTime }];
}
