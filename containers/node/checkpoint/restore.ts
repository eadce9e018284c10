import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync, statSync } from "node:fs";
import { errorCode } from "../explain-error.ts";
import { removeTree } from "../workspace/remove-tree.ts";
import type { BlobClient } from "./blob-client.ts";
import { breather } from "./breather.ts";
import { MAX_ENTRIES } from "./ceiling.ts";
import { toSystem } from "./file-name.ts";
import { ignoreRules } from "./ignore-rules.ts";
import { MANIFEST_VERSION, type Manifest } from "./manifest.ts";
import { readContents } from "./read-contents.ts";
import { type LikelyFile, planRestore } from "./restore-plan.ts";
import { MODE_BITS, type ScannedEntry, scan, signatureOf } from "./scan.ts";
import { settled } from "./signature.ts";
import { decodeManifest } from "./stored-bytes.ts";
import { totals, wholeMs } from "./take-checkpoint.ts";
import { type Owner, TreeWriter } from "./tree-writer.ts";
import type { Content, IndexedFile, WorkspaceIndex } from "./workspace-index.ts";
import { writeFiles } from "./write-files.ts";

export interface RestoreOptions {
	/** Real path of the workspace, which is there. What is written belongs to whom it belongs to. */
	root: string;
	/** What is known of it, if anything; only saves work. */
	index: WorkspaceIndex | undefined;
	/** Name of the manifest; absent: nothing is to be there. */
	checkpoint: string | undefined;
	blobs: BlobClient;
	/** Is called before the first change, when the manifest is there. */
	begin(): void | Promise<void>;
	/** Milliseconds since the epoch. */
	now(): number;
}

/**
 * Makes a workspace what a manifest says: what is right stays, the rest is fetched, and what is extra goes unless it is
 * ignored. Cut at any moment, it can be done again.
 *
 * @returns the index of what is there now, without an epoch
 * @throws BlobError when the store does not have it; NodeJS.ErrnoException, ENOSPC among them
 */
export async function restore({ root, index, checkpoint, blobs, begin, now }: RestoreOptions): Promise<WorkspaceIndex> {
	const manifest = checkpoint === undefined ? NOTHING : await decodeManifest(await blobs.get("manifest", checkpoint));
	await begin();
	const writer = new TreeWriter(root, ownerOf(root));
	const plan = planRestore(manifest, await scanAll(root, writer), index);
	const compared = await compare(root, plan.compare);

	const breathe = breather();
	for (const path of plan.remove) {
		// A directory in which something ignored is left stays with it.
		writer.remove(path);
		await breathe();
	}
	for (const { path, mode } of plan.makeDirectories) writer.makeDirectory(path, mode);
	const written = await writeFiles(writer, blobs, { manifest, files: [...plan.fetch, ...compared.changed.map(({ entry }) => entry)] });
	for (const { path, target } of plan.makeLinks) {
		writer.clear(path);
		writer.makeLink(path, target);
	}
	const kept = [...plan.keep, ...compared.same];
	for (const { entry, there } of kept) if (there.mode !== entry.mode || wholeMs(there.mtimeMs) !== entry.mtime) writer.finishFile(entry);
	// Last, since in some of them nothing can be changed afterwards.
	for (const { path, mode } of plan.directories.toReversed()) writer.setMode(path, mode);

	const contents = new Map([...kept.map(({ entry, known }) => [entry.path, known.contents] as const), ...written.contents]);
	return {
		head: checkpoint === undefined ? undefined : { name: checkpoint, ...totals(manifest) },
		storedAt: now(),
		behind: false,
		blobs: new Map(manifest.blobs.map((name) => [name, written.sizes.get(name) ?? index?.blobs.get(name) ?? 0])),
		files: indexed(root, contents, now),
	};
}

const NOTHING: Manifest = { version: MANIFEST_VERSION, blobs: [], entries: [] };

/** Only root can give files away. */
function ownerOf(root: string): Owner | undefined {
	if (process.getuid?.() !== 0) return undefined;
	const { uid, gid } = statSync(root);
	return { uid, gid };
}

/** A checkpoint has {@link MAX_ENTRIES} at most, so with this many most are to go. */
const LOOKED_AT = 4 * MAX_ENTRIES;

/** With whatever is in directories that their owner closed. */
async function scanAll(root: string, writer: TreeWriter): Promise<ScannedEntry[]> {
	const { ignores } = ignoreRules(root);
	const opened = new Set<string>();
	for (;;) {
		const { entries, cut } = await scan(root, ignores, { most: LOOKED_AT });
		if (cut) {
			// None of it is worth to be kept one by one.
			await empty(root);
			continue;
		}
		const closed = closedIn(entries).filter(({ path }) => !opened.has(path));
		if (closed.length === 0) return entries;
		for (const { path, mode } of closed) {
			writer.open(path, mode);
			opened.add(path);
		}
	}
}

/** A new directory in the place of the old one, whose owner and mode it has. */
async function empty(root: string): Promise<void> {
	const { mode, uid, gid } = statSync(root);
	await removeTree(root);
	mkdirSync(root, { mode: 0o700 });
	if (process.getuid?.() === 0) chownSync(root, uid, gid);
	chmodSync(root, mode & MODE_BITS);
}

const OWNER_ALL = 0o700;

function closedIn(entries: readonly ScannedEntry[]) {
	if (process.getuid?.() === 0) return [];
	return entries.flatMap((entry) => (entry.type === "directory" && (entry.mode & OWNER_ALL) !== OWNER_ALL ? [entry] : []));
}

/** Which of the files still have the contents that the index knows. */
async function compare(root: string, files: readonly LikelyFile[]): Promise<{ same: LikelyFile[]; changed: LikelyFile[] }> {
	const same: LikelyFile[] = [];
	const changed: LikelyFile[] = [];
	const breathe = breather();
	for (const file of files) {
		const { contents } = file.known;
		const hashes = await hashesOf(root, file.entry.path);
		const isSame = hashes?.length === contents.length && contents.every(({ hash }, part) => hash === hashes[part]);
		(isSame ? same : changed).push(file);
		await breathe();
	}
	return { same, changed };
}

/** Of its parts; `undefined` when it cannot be read. */
async function hashesOf(root: string, path: string): Promise<string[] | undefined> {
	try {
		const read = await readContents(root, path, async (part) => createHash("sha256").update(part).digest("base64url"));
		return read?.parts;
	} catch (error) {
		if (errorCode(error) === "EACCES" || errorCode(error) === "EPERM") return undefined;
		throw error;
	}
}

function indexed(root: string, contents: ReadonlyMap<string, Content[]>, now: () => number): Map<string, IndexedFile> {
	const files = new Map<string, IndexedFile>();
	for (const [path, parts] of contents) {
		const stats = lstatSync(toSystem(`${root}/${path}`), { throwIfNoEntry: false });
		files.set(path, { signature: stats && settled(signatureOf(stats), now()), contents: parts });
	}
	return files;
}
