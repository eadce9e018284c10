import type { NodeRecord, NodeState } from "../../../durable-objects/ports.ts";
import type { Condition } from "../conditions.ts";
import type { NodeSpec, Taint } from "./schema.ts";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
const OURS = [NOT_READY, UNREACHABLE, UNSCHEDULABLE];

/** A taint that only says how the node stands, which the dispatcher knows first-hand. */
export function isLifecycleTaint({ key }: Pick<Taint, "key">): boolean {
	return OURS.includes(key);
}

/** Of a record that is older than the field, too. */
export function stateOf({ ready, state }: Pick<NodeRecord, "ready" | "state">): NodeState {
	return state ?? (ready ? "Ready" : "Unknown");
}

/** The other way round: what the `Ready` condition of a node says. */
export function standingOf(ready: Condition["status"] | undefined): { ready: boolean; state: NodeState } {
	return { ready: ready === "True", state: ready === "True" ? "Ready" : ready === "False" ? "NotReady" : "Unknown" };
}

/**
 * The spec of a node with the taints that follow from how it stands, as Kubernetes' node lifecycle controller has them: one
 * that does not apply any more is taken away, one that somebody took away comes back.
 *
 * @param addedAt of taints that are new; RFC 3339
 */
export function withTaints({ taints = [], ...spec }: NodeSpec, standing: Pick<NodeRecord, "ready" | "state">, addedAt: string): NodeSpec {
	const own = taints.filter(({ key }) => !OURS.includes(key));
	const ours = lifecycleTaints(stateOf(standing), spec.unschedulable === true).map(
		(taint) => taints.find(({ key, effect }) => key === taint.key && effect === taint.effect) ?? { ...taint, timeAdded: addedAt },
	);
	const all = [...own, ...ours];
	return { ...spec, ...(all.length > 0 && { taints: all }) };
}

function lifecycleTaints(state: NodeState, unschedulable: boolean): Omit<Taint, "timeAdded">[] {
	const away = state === "Unknown" ? UNREACHABLE : NOT_READY;
	return [
		...(state === "Ready" ? [] : (["NoSchedule", "NoExecute"] as const).map((effect) => ({ key: away, effect }))),
		...(unschedulable ? [{ key: UNSCHEDULABLE, effect: "NoSchedule" as const }] : []),
	];
}
