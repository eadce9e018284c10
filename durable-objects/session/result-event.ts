import type { NodeToolResult } from "../../containers/node/protocol.ts";
import type { ToolCompleted } from "./events.ts";
import type { OpenCall } from "./state.ts";

/** A node's result as the event that is journaled. */
export function resultEvent(run: string, call: OpenCall, result: NodeToolResult): ToolCompleted {
	const { content, isError, durationMs, checkpoint, uncheckpointed } = result;
	const { callId, name } = call;
	return {
		...{ type: "tool.completed", run, callId, name, content, isError, durationMs },
		...(checkpoint && { checkpoint }),
		...(uncheckpointed && { uncheckpointed }),
	};
}
