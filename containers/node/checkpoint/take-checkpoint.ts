import { errorCode } from "../explain-error.ts";
import type { BlobClient } from "./blob-client.ts";
import { breather } from "./breather.ts";
import { MAX_ENTRIES, overCeiling, TOO_MANY } from "./ceiling.ts";
import { blobsToRewrite } from "./compaction.ts";
import { type IgnoreProblem, ignoreRules } from "./ignore-rules.ts";
import { MANIFEST_VERSION, type Manifest, type ManifestEntry } from "./manifest.ts";
import { Packer } from "./packer.ts";
import type { Checkpoint } from "./protocol.ts";
import { type ReadContents, readContents } from "./read-contents.ts";
import { type ScannedEntry, type ScannedFile, scan } from "./scan.ts";
import { isSame, settled } from "./signature.ts";
import { encodeManifest, nameOf } from "./stored-bytes.ts";
import type { Content, IndexedFile, WorkspaceIndex } from "./workspace-index.ts";

export interface TakeOptions {
	/** Real path of the workspace. */
	root: string;
	/** As of the last checkpoint or restore; it is not changed. */
	index: WorkspaceIndex;
	/** Name of the checkpoint that the session knows; absent: it has none. */
	known: string | undefined;
	/** The session waits for one, even of an empty workspace. */
	wanted?: boolean;
	limitBytes: number;
	blobs: BlobClient;
	/** Milliseconds since the epoch. */
	now(): number;
	/** Ends the look at the files. */
	signal?: AbortSignal;
}

export type Taken =
	| {
			/** Everything is in the store. */
			state: "stored";
			/** Absent: there is nothing, and there never was. */
			checkpoint?: Checkpoint;
			/** What is to be kept from now on. */
			index: WorkspaceIndex;
			/** It is another than before. */
			changed: boolean;
			/** Paths that may not be read and are left out. */
			unreadable: string[];
			/** Of what the workspace itself says is not to be kept. */
			ignoreProblem?: IgnoreProblem;
	  }
	/** Nothing was stored. `message`: sentences with the numbers. */
	| { state: "over"; message: string; ignoreProblem?: IgnoreProblem };

/**
 * Puts a workspace into the store: what changed since the last time, and a manifest of all.
 *
 * @throws what the store throws; then nothing is different, and what was stored is found stored the next time
 */
export async function takeCheckpoint({ root, index, known, wanted, limitBytes, blobs, now, signal }: TakeOptions): Promise<Taken> {
	const { ignores, problem: ignoreProblem } = ignoreRules(root);
	const found = await scan(root, ignores, { most: MAX_ENTRIES, signal });
	const over = overCeiling(found, limitBytes);
	if (over !== undefined) return { state: "over", message: over, ignoreProblem };

	const nothing = found.entries.length === 0 && known === undefined && !wanted && !index.head && !index.behind;
	if (nothing) return { state: "stored", index, changed: false, unreadable: found.unreadable, ignoreProblem };

	const { kept, rewrite } = unchanged(found.entries, index);
	const changed = found.entries.filter((entry): entry is ScannedFile => entry.type === "file" && !kept.has(entry.path));
	const packer = new Packer(blobs, changed.length > 0 ? usable(index, rewrite) : []);
	const { files, unreadable } = await readChanged(root, changed, packer);
	await packer.seal();

	const all = new Map([...kept, ...files]);
	const manifest = manifestOf(found.entries, all);
	const stored = await encodeManifest(manifest);
	if (!stored) {
		await packer.finish();
		return { state: "over", message: TOO_MANY, ignoreProblem };
	}
	const name = nameOf(stored);
	const isNew = name !== index.head?.name;
	await Promise.all([packer.finish(), isNew ? blobs.put("manifest", stored) : undefined]);

	const head = { name, ...totals(manifest) };
	const sizes = new Map(manifest.blobs.map((blob) => [blob, packer.sizes.get(blob) ?? index.blobs.get(blob) ?? 0]));
	return {
		state: "stored",
		checkpoint: { ...head, storedBytes: packer.storedBytes + (isNew ? stored.byteLength : 0) },
		index: {
			epoch: index.epoch,
			order: index.order,
			head,
			storedAt: isNew ? now() : index.storedAt,
			behind: false,
			blobs: sizes,
			files: indexed(all),
		},
		changed: isNew || changed.length > 0,
		unreadable: [...found.unreadable, ...unreadable],
		ignoreProblem,
	};
}

/** Files and bytes that a manifest names. */
export function totals({ entries }: Manifest): { files: number; bytes: number } {
	const files = entries.flatMap((entry) => (entry.type === "file" ? [entry] : []));
	const bytes = files.reduce((sum, { parts }) => sum + parts.reduce((size, [, , length]) => size + length, 0), 0);
	return { files: files.length, bytes };
}

interface KeptFile extends IndexedFile {
	mtimeMs: number;
}

/** Files that are stored as they are, unless their blobs are to be made anew. */
function unchanged(entries: readonly ScannedEntry[], index: WorkspaceIndex): { kept: Map<string, KeptFile>; rewrite: Set<string> } {
	const kept = new Map<string, KeptFile>();
	const likely: IndexedFile[] = [];
	for (const entry of entries) {
		const known = entry.type === "file" && index.files.get(entry.path);
		if (!known) continue;
		if (lengthOf(known) === entry.size) likely.push(known);
		if (isSame(known.signature, entry)) kept.set(entry.path, { ...known, mtimeMs: entry.mtimeMs });
	}
	const rewrite = blobsToRewrite(index.blobs, contentsOf(likely));
	for (const [path, { contents }] of kept) if (contents.some(({ blob }) => rewrite.has(blob))) kept.delete(path);
	return { kept, rewrite };
}

/** Contents that need not be stored again, wherever they turn up. */
function* usable(index: WorkspaceIndex, rewrite: ReadonlySet<string>): Generator<Content> {
	for (const content of contentsOf(index.files.values())) if (!rewrite.has(content.blob)) yield content;
}

function lengthOf({ contents }: IndexedFile): number {
	return contents.reduce((sum, { length }) => sum + length, 0);
}

function* contentsOf(files: Iterable<IndexedFile>): Generator<Content> {
	for (const { contents } of files) yield* contents;
}

async function readChanged(root: string, changed: readonly ScannedFile[], packer: Packer) {
	const files = new Map<string, KeptFile>();
	const unreadable: string[] = [];
	const breathe = breather();
	for (const { path } of changed) {
		await breathe();
		let read: ReadContents<Content> | undefined;
		try {
			read = await readContents(root, path, (part) => packer.add(part));
		} catch (error) {
			if (errorCode(error) !== "EACCES" && errorCode(error) !== "EPERM") throw error;
			unreadable.push(path);
		}
		if (!read) continue;
		const { signature, readAt, parts } = read;
		files.set(path, { signature: settled(signature, readAt), contents: parts, mtimeMs: signature.mtimeMs });
	}
	return { files, unreadable };
}

function manifestOf(entries: readonly ScannedEntry[], files: ReadonlyMap<string, KeptFile>): Manifest {
	const blobs = [...new Set([...contentsOf(files.values())].map(({ blob }) => blob))].sort();
	const indexOf = new Map(blobs.map((name, index) => [name, index]));
	const listed = entries.flatMap((entry): ManifestEntry[] => {
		if (entry.type === "other") return [];
		if (entry.type !== "file") return [entry];
		const file = files.get(entry.path);
		if (!file) return [];
		const parts = file.contents.map(({ blob, offset, length }) => [indexOf.get(blob) ?? 0, offset, length] as [number, number, number]);
		return [{ type: "file", path: entry.path, mode: entry.mode, mtime: wholeMs(file.mtimeMs), parts }];
	});
	return { version: MANIFEST_VERSION, blobs, entries: listed };
}

/** Programs set times that no clock shows. */
export function wholeMs(mtimeMs: number): number {
	return Math.max(-MOST_MS, Math.min(MOST_MS, Math.floor(mtimeMs)));
}
/** The largest time that a Date holds. */
const MOST_MS = 8.64e15;

function indexed(files: ReadonlyMap<string, KeptFile>): Map<string, IndexedFile> {
	return new Map([...files].map(([path, { signature, contents }]) => [path, { signature, contents }]));
}
