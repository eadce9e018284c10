import type { NodeRecord, NodeState } from "../../../durable-objects/ports.ts";
import type { Condition } from "../conditions.ts";
import { timestamp } from "../resource.ts";
import { stateOf } from "./taints.ts";

/** Kubernetes' reasons where it has one for the case, and sentences of our own. */
const STATES: Readonly<Record<NodeState, Pick<Condition, "status" | "reason" | "message">>> = {
	Ready: { status: "True", reason: "NodeReady", message: "The node answers and takes sessions." },
	NotReady: { status: "False", reason: "NodeNotReady", message: "The node is known, and takes no sessions yet." },
	Unknown: { status: "Unknown", reason: "NodeStatusUnknown", message: "The node stopped answering." },
};

/** Whether a node takes sessions, as its `Ready` condition. */
export function readyCondition(record: Pick<NodeRecord, "ready" | "state" | "reason" | "message" | "transitionAt">) {
	const { status, reason, message } = STATES[stateOf(record)];
	const changed = timestamp(record.transitionAt);
	return {
		...{ type: "Ready", status, reason: record.reason ?? reason, message: record.message ?? message },
		...{ lastHeartbeatTime: changed, lastTransitionTime: changed },
	};
}
