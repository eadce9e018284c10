import { type CallFrame, PROTOCOL_VERSION } from "../../containers/node/protocol.ts";
import type { NodeCall } from "../ports.ts";

/** A call as it goes over the link. */
export function callFrame(call: NodeCall): CallFrame {
	const { callId: id, session, workspace, incarnation, tool, timeoutMs, state, limits } = call;
	return {
		...{ v: PROTOCOL_VERSION, type: "call", id, incarnation, session, workspace, tool, timeoutMs, arguments: call.arguments },
		...(state && { state }),
		...(limits && { limits }),
	};
}
