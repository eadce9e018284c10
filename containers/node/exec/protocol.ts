/**
 * Frames of a command that a person runs in a session's workspace (`kubectl exec`). Its id is a UUID, the same in every
 * frame about it. Additive to version 1 of the node protocol: a node that does not know them does not answer `exec`.
 *
 * What the command reads and writes goes in binary WebSocket frames of the same link, see {@link encodeData}. Either side
 * may have {@link WINDOW_BYTES} under way for a command; the other gives `exec-credit` for what it has passed on.
 */
import * as z from "zod";
import { checkpointSchema, unkeptSchema, workspaceStateSchema } from "../checkpoint/protocol.ts";
import { frame } from "../frame.ts";
import { limitsSchema } from "../sandbox/session-limits.ts";

/** Bytes of one command and direction that may be under way. */
export const WINDOW_BYTES = 1024 * 1024;
/** Bytes of data in one binary frame. */
export const DATA_BYTES = 32 * 1024;

/** Channels of data, with the numbers that `v5.channel.k8s.io` has for them. */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;

/** A terminal's size in characters. */
const size = { columns: z.number().int().min(1).max(65_535), rows: z.number().int().min(1).max(65_535) };

const id = z.uuid();

export const execFrames = {
	/** To the node: run `command` in the workspace, which is made if it is missing. Answered with `exec-started` at once. */
	start: z.object({
		...frame,
		type: z.literal("exec"),
		id,
		session: z.string(),
		workspace: z.string(),
		command: z.array(z.string()).min(1),
		/** Absent stdin is empty. */
		stdin: z.boolean(),
		/** One terminal instead of three pipes: everything it shows comes as stdout. */
		tty: z.boolean(),
		/** What the workspace is to be when the command begins. Absent: as it is. */
		state: workspaceStateSchema.optional(),
		/** What the session may use at most, as in a call. Absent (an older server): what its last call said. */
		limits: limitsSchema.optional(),
	}),
	resize: z.object({ ...frame, type: z.literal("exec-resize"), id, ...size }),
	/** To the node: stdin ends here. */
	eof: z.object({ ...frame, type: z.literal("exec-eof"), id }),
	/** To the node: the client is gone. Answered with `exec-exit`, also when the node has no such command any more. */
	stop: z.object({ ...frame, type: z.literal("exec-stop"), id }),
	/** Both ways: so many bytes of data were passed on. */
	credit: z.object({ ...frame, type: z.literal("exec-credit"), id, bytes: z.number().int().positive() }),
	started: z.object({ ...frame, type: z.literal("exec-started"), id }),
	/**
	 * The last frame about a command, when nothing of it runs and what it changed is kept: `exitCode` as a shell has it, or a
	 * sentence that says why there is none. Answered with an `ack`, and repeated after each welcome until then; see `ends.ts`.
	 */
	exit: z.object({
		...frame,
		type: z.literal("exec-exit"),
		id,
		exitCode: z.number().int().min(0).max(255).optional(),
		message: z.string().optional(),
		/** The workspace has changes that are in no checkpoint. */
		uncheckpointed: z.boolean().optional(),
		/** Why it has them. */
		unkept: unkeptSchema.optional(),
		/** The workspace as the command left it, and the epoch that it is of. Absent: as it was, or an older node. */
		checkpoint: checkpointSchema.optional(),
		epoch: z.number().int().nonnegative().optional(),
	}),
};

/** Data of a command on one of its channels. */
export interface Data {
	id: string;
	channel: number;
	bytes: Uint8Array;
}

const VERSION = 1;
const ID_BYTES = 16;
/** Where a client's own frame (`v5.channel.k8s.io`: a channel's number, then its data) begins. */
export const CHANNEL_OFFSET = 1 + ID_BYTES;

/** `version (1 byte) · id (16 bytes) · channel (1 byte) · data`. @param id a UUID */
export function encodeData({ id, channel, bytes }: Data): Uint8Array<ArrayBuffer> {
	const frame = new Uint8Array(CHANNEL_OFFSET + 1 + bytes.byteLength);
	frame[0] = VERSION;
	const digits = id.replaceAll("-", "");
	for (let index = 0; index < ID_BYTES; index++) frame[1 + index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
	frame[CHANNEL_OFFSET] = channel;
	frame.set(bytes, CHANNEL_OFFSET + 1);
	return frame;
}

/** `undefined` for a frame that is none of ours. `bytes` is a view of `frame`. */
export function decodeData(frame: Uint8Array): Data | undefined {
	const channel = frame[CHANNEL_OFFSET];
	if (frame[0] !== VERSION || channel === undefined) return undefined;
	const digits = [...frame.subarray(1, CHANNEL_OFFSET)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
	const id = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
	return { id, channel, bytes: frame.subarray(CHANNEL_OFFSET + 1) };
}
