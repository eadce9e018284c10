import { type NodeToolResult, RESULT_LIMIT } from "../../containers/node/protocol.ts";
import type { ToolCompleted } from "./events.ts";
import type { OpenCall, SessionState } from "./state.ts";

/** What klaw itself adds to a result is short; a node that sends more than this does not keep the protocol. */
const LONGEST = 2 * RESULT_LIMIT;

/** A node's result as the event that is journaled. */
export function resultEvent(run: string, call: OpenCall, result: NodeToolResult, workspace: SessionState["workspace"]): ToolCompleted {
	const { isError, durationMs, checkpoint, uncheckpointed } = result;
	const { callId, name, started } = call;
	const content =
		result.content.length <= LONGEST ? result.content : `${result.content.slice(0, LONGEST)}\n... (the rest was left out) ...`;
	// The session may have its files elsewhere by now.
	const here = workspace !== undefined && started?.node === workspace.node && started.incarnation === workspace.incarnation;
	return {
		...{ type: "tool.completed", run, callId, name, content, isError, durationMs },
		...(here && checkpoint && { checkpoint }),
		...(here && uncheckpointed && { uncheckpointed }),
	};
}
