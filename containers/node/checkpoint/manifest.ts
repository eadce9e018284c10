/**
 * What a workspace is made of, as it is stored: gzip of JSON, so that whoever collects garbage or copies files can read it
 * without the node's code. The same tree whose contents are stored at the same places has the same bytes.
 *
 * Contents are in blobs: one byte that says how the rest is kept ({@link RAW} or {@link GZIP}), then the contents of one or
 * more files one after the other.
 */
import * as z from "zod";
import { blobName } from "./protocol.ts";

export const MANIFEST_VERSION = 1;

/** First byte of a blob. */
export const RAW = 0;
export const GZIP = 1;

/** Bytes of contents in one blob at most, and of one part of a file. */
export const BLOB_CONTENTS_BYTES = 4 * 2 ** 20;

const count = z.number().int().nonnegative();

/** Index into `blobs`, first byte in the blob's contents, and number of bytes. */
const partSchema = z.tuple([count, count, z.number().int().positive().max(BLOB_CONTENTS_BYTES)]);
export type Part = z.infer<typeof partSchema>;

/** Permissions with setuid, setgid and sticky. */
const mode = z.number().int().min(0).max(0o7777);

/** Relative to the workspace, parts joined by `/`. What is no UTF-8 is escaped, see `file-name.ts`. */
const path = z.string().refine(isInside, "leads out of the workspace");

export const manifestEntrySchema = z.discriminatedUnion("type", [
	z.object({ type: z.literal("directory"), path, mode }),
	/** `mtime` in whole milliseconds since the epoch. An empty file has no parts. */
	z.object({ type: z.literal("file"), path, mode, mtime: z.number().int(), parts: z.array(partSchema) }),
	z.object({ type: z.literal("symlink"), path, target: z.string().min(1) }),
]);
export type ManifestEntry = z.infer<typeof manifestEntrySchema>;
export type ManifestFile = Extract<ManifestEntry, { type: "file" }>;

export const manifestSchema = z
	.object({
		version: z.literal(MANIFEST_VERSION),
		/** Names of the blobs, sorted. */
		blobs: z.array(blobName),
		/** Sorted by path, so that a directory comes before what is in it. */
		entries: z.array(manifestEntrySchema),
	})
	.superRefine(({ blobs, entries }, { addIssue }) => {
		const wrong = findWrong(entries, blobs.length);
		if (wrong !== undefined) addIssue(wrong);
	});
export type Manifest = z.infer<typeof manifestSchema>;

/** Order of the entries: by UTF-16 code units, the same everywhere. */
export function byPath(a: { path: string }, b: { path: string }): number {
	return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Directory that holds what `path` names; empty for the workspace itself. */
export function parentOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function isInside(text: string): boolean {
	return !text.includes("\0") && text.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** Something would be written through a link, or to a place that is not there. */
function findWrong(entries: readonly ManifestEntry[], blobs: number): string | undefined {
	const directories = new Set([""]);
	let before: ManifestEntry | undefined;
	for (const entry of entries) {
		const name = JSON.stringify(entry.path);
		if (before && byPath(before, entry) >= 0) return `The entry ${name} is there twice or not in its place.`;
		if (!directories.has(parentOf(entry.path))) return `The entry ${name} is in a directory that the manifest does not have.`;
		if (entry.type === "directory") directories.add(entry.path);
		if (entry.type === "file" && entry.parts.some(([blob]) => blob >= blobs)) return `The entry ${name} is in a blob that is not named.`;
		before = entry;
	}
	return undefined;
}
