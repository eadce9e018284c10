import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { errorCode } from "../explain-error.ts";
import { breather } from "./breather.ts";
import { fromSystem, isDoubtful, toSystem } from "./file-name.ts";
import type { Ignores } from "./ignore-rules.ts";
import { type HeldDirectory, holdDirectory } from "./in-directory.ts";
import { byPath } from "./manifest.ts";

/** By what a file is known to be the one that was stored. Times in milliseconds since the epoch. */
export interface Signature {
	size: number;
	mtimeMs: number;
	ctimeMs: number;
	ino: number;
}

export interface ScannedFile extends Signature {
	type: "file";
	/** Relative to the workspace; see `file-name.ts`. */
	path: string;
	mode: number;
}

export type ScannedEntry =
	| ScannedFile
	| { type: "directory"; path: string; mode: number }
	| { type: "symlink"; path: string; target: string }
	/** A socket, a pipe or a device: nothing that could be kept. */
	| { type: "other"; path: string };

export interface Scan {
	/** Sorted by path. Nothing that is ignored is among them. */
	entries: ScannedEntry[];
	/** Of all files, by their sizes: holes count. */
	bytes: number;
	/** What may not be looked at. */
	unreadable: string[];
	/** There is more. */
	cut: boolean;
	/** There is more, and to find out what of it is ignored took too long. */
	isSlow?: boolean;
}

export interface ScanOptions {
	/** Entries after which it stops: a command can make more than there is memory for. */
	most?: number;
	/** Ends it with what it is aborted with. */
	signal?: AbortSignal | undefined;
	/** A clock in milliseconds, by which the matching has {@link MATCH_MS}. */
	clock?: () => number;
}

/** The patterns of a session are matched on the one thread that serves every session of the node. */
const MATCH_MS = 10_000;

/**
 * Everything of a workspace that is kept, without reading a file. Links are not followed. What goes while it is looked at
 * is not there.
 *
 * @param root real path
 * @throws what the signal is aborted with
 */
export async function scan(
	root: string,
	ignores: Ignores,
	{ most = Number.POSITIVE_INFINITY, signal, clock = () => performance.now() }: ScanOptions = {},
): Promise<Scan> {
	const found: Scan = { entries: [], bytes: 0, unreadable: [], cut: false };
	const breathe = breather();
	const directories = [""];
	let characters = 0;
	let matchMs = 0;
	for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
		// Held: a command that goes on in the background may put a link in its place, to what only the runtime may list.
		const held = tryTo(() => holdDirectory(directory === "" ? root : `${root}/${directory}`), directory, found.unreadable);
		if (!held) continue;
		try {
			for (const { name, isDirectory } of tryTo(() => list(held.base), directory, found.unreadable) ?? []) {
				const path = directory === "" ? name : `${directory}/${name}`;
				// What is ignored takes its time as well, and nobody else has the thread meanwhile.
				await breathe();
				signal?.throwIfAborted();
				const since = clock();
				const isIgnored = ignores(path, name, isDirectory);
				matchMs += clock() - since;
				if (matchMs > MATCH_MS) return { ...found, cut: true, isSlow: true };
				if (isIgnored) continue;
				const scanned = tryTo(() => look(held, `${root}/${path}`, { path, name }), path, found.unreadable);
				if (!scanned) continue;
				characters += path.length + (scanned.type === "symlink" ? scanned.target.length : 0);
				if (found.entries.length >= most || characters > MAX_CHARACTERS) return { ...found, cut: true };
				found.entries.push(scanned);
				if (scanned.type === "directory") directories.push(path);
				if (scanned.type === "file") found.bytes += scanned.size;
			}
		} finally {
			held.close();
		}
	}
	found.entries.sort(byPath);
	return found;
}

export function signatureOf({ size, mtimeMs, ctimeMs, ino }: Stats): Signature {
	return { size, mtimeMs, ctimeMs, ino };
}

export const MODE_BITS = 0o7777;
/** Of a path that a system call takes, its end included (PATH_MAX of Linux). */
const PATH_BYTES = 4096;
/** Of all paths and targets: a command can make as many as a checkpoint may have that take more than there is memory for. */
const MAX_CHARACTERS = 64 * 2 ** 20;

function look({ base }: HeldDirectory, absolute: string, { path, name }: { path: string; name: string }): ScannedEntry {
	if (absolute.length > PATH_BYTES / 4 && Buffer.byteLength(absolute) >= PATH_BYTES)
		throw Object.assign(new Error("name too long"), { code: "ENAMETOOLONG" });
	const real = toSystem(`${base}/${name}`);
	const stats = lstatSync(real);
	const mode = stats.mode & MODE_BITS;
	if (stats.isFile()) return { type: "file", path, mode, ...signatureOf(stats) };
	if (stats.isDirectory()) return { type: "directory", path, mode };
	if (stats.isSymbolicLink()) return { type: "symlink", path, target: fromSystem(readlinkSync(real, "buffer")) };
	return { type: "other", path };
}

/** `undefined` when it is gone, or may not be looked at: then it is put on the list. */
function tryTo<T>(act: () => T, path: string, unreadable: string[]): T | undefined {
	try {
		return act();
	} catch (error) {
		if (isGone(error)) return undefined;
		// Names that are longer together than a path may be can be made, by going down one by one.
		if (!["EACCES", "EPERM", "ENAMETOOLONG"].includes(errorCode(error) ?? "")) throw error;
		unreadable.push(path);
		return undefined;
	}
}

interface Name {
	name: string;
	isDirectory: boolean;
}

function list(directory: string): Name[] {
	const real = toSystem(directory);
	const names = readdirSync(real, { withFileTypes: true }).map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
	if (!names.some(({ name }) => isDoubtful(name))) return names;
	return readdirSync(real, { withFileTypes: true, encoding: "buffer" }).map((entry) => ({
		name: fromSystem(entry.name),
		isDirectory: entry.isDirectory(),
	}));
}

/** It went, or became something else, while it was looked at. */
export function isGone(error: unknown): boolean {
	return ["ENOENT", "ENOTDIR", "EINVAL", "ELOOP"].includes(errorCode(error) ?? "");
}
