import { apiVersionOf } from "../../src/resources/kind.ts";
import { nodeKind } from "../../src/resources/node/kind.ts";
import type { NodeNotice } from "../ports.ts";
import type { StoreChange } from "../store/decision.ts";

/** What happened to nodes, as events. */
export function nodeNotices(notices: readonly NodeNotice[]): StoreChange[] {
	return notices.map(({ node, uid, type, reason, message, count }) => ({
		type: "event",
		event: { regarding: nodeNamed(node, uid), type, reason, note: message, action: "", count },
	}));
}

/** As much of a node as an event names. */
function nodeNamed(name: string, uid: string) {
	return { apiVersion: apiVersionOf(nodeKind), kind: nodeKind.kind, metadata: { name, uid, resourceVersion: "", creationTimestamp: "" } };
}
