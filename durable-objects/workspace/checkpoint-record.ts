import type { Checkpoint } from "../../containers/node/checkpoint/protocol.ts";

/** A checkpoint as its session remembers it. */
export interface CheckpointRecord extends Checkpoint {
	/** When the session learnt of it, in milliseconds since the epoch. */
	at: number;
	/** The tool call that left the workspace so; absent: a person's command did, or the workspace was set back to it. */
	callId?: string;
	tool?: string;
	/** The workspace is this one, or becomes it when the next call begins. */
	current: boolean;
}
