/**
 * Frames by which a node keeps workspaces in the cluster's store. Additive to version 1 of the node protocol.
 *
 * A stored thing has a kind and a name: the name is the SHA-256 of its stored (compressed) bytes in hex, so what is under a
 * name never changes, and whoever keeps it can check it. The node puts (`blob-put`, a binary frame) and gets (`blob-get`);
 * the server answers each with a frame of the same `id`. A put that is repeated is answered again and stored once.
 */
import * as z from "zod";
import { frame } from "../frame.ts";

/** Stored bytes of one blob at most: a WebSocket message of the platform holds 32 MiB, an object's memory 128 MiB. */
export const BLOB_LIMIT_BYTES = 5 * 2 ** 20;
/** Puts and gets of one node that may be under way at once. */
export const BLOBS_UNDER_WAY = 4;

export const blobKind = z.enum(["blob", "manifest"]);
/** `manifest`: what a workspace is made of; `blob`: contents that manifests name. */
export type BlobKind = z.infer<typeof blobKind>;

/** SHA-256 in hex. */
export const blobName = z.string().regex(/^[0-9a-f]{64}$/);

/** What a session's files are to be when a call begins. Goes with every call and every person's command. */
export const workspaceStateSchema = z.object({
	/**
	 * Raised whenever the session's files are to be others than those the node has: it was placed on another machine, or
	 * rewound. While it stays the same, what is on the node's disk is right. With a new one, the node makes the workspace
	 * what `checkpoint` names, before anything runs.
	 */
	epoch: z.number().int().nonnegative(),
	/** Name of the manifest; absent: an empty workspace. */
	checkpoint: blobName.optional(),
	/**
	 * True: the node's disk has files of the session that no checkpoint has, or may have such. A node that remembers nothing of
	 * them (a runtime from before there were checkpoints left them, or what it knew is damaged) takes them as they are. And the
	 * session waits for word that a checkpoint has them: it is given the next one, even if its name is that of `checkpoint`.
	 */
	here: z.boolean().optional(),
	/** False: this deployment has no store, and nothing is checkpointed. */
	checkpoints: z.boolean(),
	/** Ceiling of a workspace, in bytes of its files (those that are not ignored). */
	limitBytes: z.number().int().positive(),
});
export type WorkspaceState = z.infer<typeof workspaceStateSchema>;

/** A workspace as it was put into the store. */
export const checkpointSchema = z.object({
	/** Name of the manifest. */
	name: blobName,
	files: z.number().int().nonnegative(),
	/** Of all its files, uncompressed. */
	bytes: z.number().int().nonnegative(),
	/** Stored by this checkpoint, compressed: what had changed. */
	storedBytes: z.number().int().nonnegative(),
	/** Later ones of a workspace and epoch have higher numbers, since results of parallel calls may arrive in any order. */
	order: z.number().optional(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Why what is in a workspace is in no checkpoint, for the session's condition. */
export const unkeptSchema = z.object({
	/** CamelCase, e.g. `OverCeiling`. */
	reason: z.string().min(1).max(64),
	/** Sentences. */
	message: z.string(),
});
export type Unkept = z.infer<typeof unkeptSchema>;

const about = { session: z.string(), workspace: z.string(), kind: blobKind, name: blobName };

export const checkpointFrames = {
	/** To the server: send what is stored under this name. Answered with a binary `blob` frame or `blob-failed`. */
	get: z.object({ ...frame, type: z.literal("blob-get"), ...about }),
	/** To the node: it is stored for good. */
	stored: z.object({ ...frame, type: z.literal("blob-stored") }),
	/** To the node: `final` when asking again changes nothing (it is not there, it may not be asked for, its bytes do not match). */
	failed: z.object({ ...frame, type: z.literal("blob-failed"), message: z.string(), final: z.boolean() }),
	/**
	 * To the server, again every {@link WAITING_EVERY_MS}: the call `id` is done or not begun, and waits for the store.
	 * The session says so to whoever looks, and does not give the call up.
	 */
	waiting: z.object({ ...frame, type: z.literal("call-waiting"), session: z.string(), message: z.string() }),
	/**
	 * To the server: the workspace was checkpointed outside of a call: the command `id` of a person changed it. Best effort; what
	 * counts is the command's `exec-exit`, which says it too.
	 */
	made: z.object({
		...frame,
		type: z.literal("checkpoint-made"),
		session: z.string(),
		epoch: z.number().int().nonnegative(),
		checkpoint: checkpointSchema,
	}),
};

export const WAITING_EVERY_MS = 20_000;

/** The header of a binary frame that carries stored bytes. `put`: node to server. `blob`: server to node, the answer to a `get`. */
export const blobHeaderSchema = z.object({ ...frame, type: z.enum(["blob-put", "blob"]), ...about });
export type BlobHeader = z.infer<typeof blobHeaderSchema>;

/** First byte of a binary frame with stored bytes; those of a person's command begin with another. */
export const BLOB_FRAME = 2;
const LENGTH_BYTES = 4;

/** `2 (1 byte) · length of the header (4 bytes, big endian) · header (JSON) · stored bytes`. One message, so neither side keeps anything between two. */
export function encodeBlob(header: BlobHeader, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
	const head = new TextEncoder().encode(JSON.stringify(header));
	const message = new Uint8Array(1 + LENGTH_BYTES + head.byteLength + bytes.byteLength);
	message[0] = BLOB_FRAME;
	new DataView(message.buffer).setUint32(1, head.byteLength);
	message.set(head, 1 + LENGTH_BYTES);
	message.set(bytes, 1 + LENGTH_BYTES + head.byteLength);
	return message;
}

/** `undefined` for a frame that is none of these. `bytes` is a view of `message`. */
export function decodeBlob(message: Uint8Array): { header: BlobHeader; bytes: Uint8Array } | undefined {
	if (message[0] !== BLOB_FRAME || message.byteLength < 1 + LENGTH_BYTES) return undefined;
	const length = new DataView(message.buffer, message.byteOffset).getUint32(1);
	const from = 1 + LENGTH_BYTES;
	if (message.byteLength < from + length) return undefined;
	try {
		const header = blobHeaderSchema.safeParse(JSON.parse(new TextDecoder().decode(message.subarray(from, from + length))));
		return header.success ? { header: header.data, bytes: message.subarray(from + length) } : undefined;
	} catch {
		return undefined;
	}
}
