import type { CallRecord, JournaledCall } from "./call-record.ts";
import { type NodeToolResult, PROTOCOL_VERSION, type ToServer } from "./protocol.ts";
import { CHANGE_NOTHING } from "./tools/registry.ts";

/** A call whose result the server does not have yet. */
export interface Entry {
	readonly call: JournaledCall;
	/** Absent when the call could not be put on record, and so did not run. */
	readonly record: CallRecord | undefined;
	readonly stop: AbortController;
	readonly leave: AbortController;
	/** Settles when nothing of the call runs in this runtime any more; absent until it is started. */
	work?: Promise<void>;
	/** What was shown of its output; shown again after a reconnect, since it may not have arrived. */
	shown: string;
	result?: NodeToolResult;
	/** Nobody wants the result any more. */
	forgotten: boolean;
}

export function newEntry(call: JournaledCall, record: CallRecord | undefined): Entry {
	return { call, record, stop: new AbortController(), leave: new AbortController(), shown: "", forgotten: false };
}

export function resultFrame({ callId: id, session, incarnation, state, tool }: JournaledCall, result: NodeToolResult): ToServer {
	// It was accepted by a runtime, or sent by a server, of the days before there were checkpoints.
	const unkept = state === undefined && !CHANGE_NOTHING.has(tool);
	const said = unkept ? { ...result, uncheckpointed: true } : result;
	return { v: PROTOCOL_VERSION, type: "result", id, incarnation, session, result: said };
}

export function outputFrame({ callId: id, session, incarnation }: JournaledCall, offset: number, text: string): ToServer {
	return { v: PROTOCOL_VERSION, type: "output", id, incarnation, session, offset, text };
}
