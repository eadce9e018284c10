import type { Unkept } from "../../containers/node/checkpoint/protocol.ts";
import { RESULT_LIMIT } from "../../containers/node/protocol.ts";
import type { NodeResultReport } from "../ports.ts";
import { CHANGING } from "./changing-tools.ts";
import type { ToolCompleted } from "./events.ts";
import { type OpenCall, ranMs, type SessionState } from "./state.ts";

/** What klaw itself adds to a result is short; a node that sends more than this does not keep the protocol. */
const LONGEST = 2 * RESULT_LIMIT;

const OLD_RUNTIME: Unkept = { reason: "OldRuntime", message: "Its runtime is from before there were checkpoints: update it." };

/** A node's result as the event that is journaled. @param now milliseconds since the epoch */
export function resultEvent(
	run: string,
	call: OpenCall,
	{ result, keeps }: Pick<NodeResultReport, "result" | "keeps">,
	workspace: SessionState["workspace"],
	now: number,
): ToolCompleted {
	const { isError, checkpoint, unknown } = result;
	const { callId, name, started } = call;
	// An older runtime does not know that it was to keep anything.
	const uncheckpointed = result.uncheckpointed || (keeps === false && !checkpoint && CHANGING.has(name));
	const content =
		result.content.length <= LONGEST ? result.content : `${result.content.slice(0, LONGEST)}\n... (the rest was left out) ...`;
	// A node that does not know how a call ended does not know how long it ran.
	const durationMs = unknown ? Math.max(result.durationMs, ranMs(call, now)) : result.durationMs;
	// The session may have its files elsewhere by now.
	const here = workspace !== undefined && started?.node === workspace.node && started.incarnation === workspace.incarnation;
	return {
		...{ type: "tool.completed", run, callId, name, content, isError, durationMs },
		...(here && checkpoint && { checkpoint }),
		...(here && uncheckpointed && { uncheckpointed, unkept: result.unkept ?? (keeps === false ? OLD_RUNTIME : undefined) }),
	};
}
