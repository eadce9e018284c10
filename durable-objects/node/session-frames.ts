import type { ToServer } from "../../containers/node/protocol.ts";
import type { NodeResultReport } from "../ports.ts";
import type { MadeCheckpoint } from "../session/checkpoints.ts";
import type { CallReporter } from "../session/state.ts";

/** What a session hears of a machine. */
export interface NodeSession {
	nodeOutput(piece: CallReporter & { offset: number; text: string }): Promise<void>;
	nodeResult(report: NodeResultReport): Promise<unknown>;
	callWaiting(call: CallReporter & { message: string }): Promise<void>;
	checkpointMade(made: MadeCheckpoint): Promise<void>;
}

/** @param session `namespace/name` */
export type NodeSessions = (session: string) => NodeSession;

type SessionFrame = Extract<ToServer, { type: "output" | "result" | "call-waiting" | "checkpoint-made" }>;

/** To the session that the frame is about. Resolves when it was heard. @param keeps the machine puts workspaces into the store */
export async function passToSession(sessions: NodeSessions, node: string, frame: SessionFrame, keeps: boolean): Promise<void> {
	const session = sessions(frame.session);
	const { id: callId, incarnation } = frame;
	switch (frame.type) {
		case "output":
			return session.nodeOutput({ callId, node, incarnation, offset: frame.offset, text: frame.text });
		case "call-waiting":
			return session.callWaiting({ callId, node, incarnation, message: frame.message });
		case "checkpoint-made":
			return session.checkpointMade({ node, incarnation, epoch: frame.epoch, checkpoint: frame.checkpoint, exec: callId });
		case "result":
			await session.nodeResult({ callId, node, incarnation, result: frame.result, ...(!keeps && { keeps }) });
	}
}
