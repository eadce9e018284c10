/** What the node knows of a workspace's last checkpoint, kept outside of the workspace. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { errorCode } from "../explain-error.ts";
import { writeAtomic } from "../write-atomic.ts";
import { blobName, type Checkpoint } from "./protocol.ts";
import type { Signature } from "./scan.ts";

/** A part of a file's contents and where it is stored. */
export interface Content {
	/** SHA-256 of the contents themselves, in base64url. */
	hash: string;
	/** Name of the blob. */
	blob: string;
	/** Within the blob's contents, in bytes. */
	offset: number;
	length: number;
}

export interface IndexedFile {
	/** Absent: the file changed so shortly before it was read that it may have changed again under the same times. */
	signature?: Signature;
	contents: Content[];
}

export interface WorkspaceIndex {
	/** Of the workspace state that the files are of; absent while a restore is under way. */
	epoch?: number;
	/** The last checkpoint; absent: there is none, and what was stored is nothing. */
	head?: Pick<Checkpoint, "name" | "files" | "bytes">;
	/** Of the last checkpoint that a session was told of; absent: none was, or by a runtime that did not keep it. */
	order?: number | undefined;
	/** When `head` was stored, in milliseconds since the epoch. */
	storedAt: number;
	/** The files are others than those of `head` and could not be stored, as its session was told. */
	behind: boolean;
	/** The `.klawignore` of which its session was told that not everything counts; absent: it was told of none. */
	toldOf?: string | undefined;
	/** Bytes of contents by name of the blob. */
	blobs: Map<string, number>;
	/** By path. */
	files: Map<string, IndexedFile>;
}

export function emptyIndex(epoch: number | undefined): WorkspaceIndex {
	return { epoch, storedAt: 0, behind: false, blobs: new Map(), files: new Map() };
}

const count = z.number().int().nonnegative();

/**
 * Path, signature, and of each part: hash, index of the blob, offset, length. Rows instead of objects, and looked at only
 * roughly: an index of 100,000 files is read after every call, and nobody but this file writes it.
 */
type Row = [path: string, signature: [number, number, number, number] | null, parts: [string, number, number, number][]];
const row = z.custom<Row>((value) => Array.isArray(value) && typeof value[0] === "string" && Array.isArray(value[2]));

const schema = z.object({
	version: z.literal(1),
	epoch: count.optional(),
	head: z.object({ name: blobName, files: count, bytes: count }).optional(),
	order: count.optional(),
	storedAt: z.number(),
	behind: z.boolean(),
	toldOf: z.string().optional(),
	blobs: z.array(z.tuple([blobName, count])),
	files: z.array(row),
});

/**
 * @returns `undefined` when there is none
 * @throws Error when it is damaged
 */
export function loadIndex(path: string): WorkspaceIndex | undefined {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
	const { blobs, files, version: _, ...rest } = schema.parse(JSON.parse(text));
	const names = blobs.map(([name]) => name);
	return { ...rest, blobs: new Map(blobs), files: new Map(files.map((row) => [row[0], fromRow(row, names)])) };
}

/** Written whole or not at all. @throws NodeJS.ErrnoException when the disk is full */
export function saveIndex(path: string, { blobs, files, ...rest }: WorkspaceIndex): void {
	const indexOf = new Map([...blobs.keys()].map((name, index) => [name, index]));
	const rows = [...files].map(([name, file]) => toRow(name, file, indexOf));
	const stored: z.infer<typeof schema> = { version: 1, ...rest, blobs: [...blobs], files: rows };
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	writeAtomic(path, JSON.stringify(stored));
}

function toRow(path: string, { signature, contents }: IndexedFile, indexOf: Map<string, number>): Row {
	return [
		path,
		signature ? [signature.size, signature.mtimeMs, signature.ctimeMs, signature.ino] : null,
		contents.map(({ hash, blob, offset, length }) => [hash, indexOf.get(blob) ?? 0, offset, length]),
	];
}

function fromRow([, signature, parts]: Row, names: readonly string[]): IndexedFile {
	const contents = parts.map(([hash, blob, offset, length]) => {
		const name = names[blob];
		if (name === undefined) throw new Error("The index names a blob that it does not have.");
		return { hash, blob: name, offset, length };
	});
	if (!signature) return { contents };
	const [size, mtimeMs, ctimeMs, ino] = signature;
	return { signature: { size, mtimeMs, ctimeMs, ino }, contents };
}
