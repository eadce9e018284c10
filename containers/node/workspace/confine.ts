/** No path of a file tool leaves its workspace. Every file that a tool touches goes through this file. */
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { errorCode } from "../explain-error.ts";
import { ToolError } from "../tools/node-tool.ts";
import { openDirectory, replaced } from "./directory.ts";

/**
 * The real path of what `path` names, free of symbolic links. The last parts of it need not exist.
 *
 * @param root real path of the workspace
 * @param path relative to the workspace, or absolute and inside it
 * @throws ToolError when it leads out of the workspace, by `..` or by a symbolic link anywhere in it
 */
export async function confine(root: string, path: string): Promise<string> {
	if (path.includes("\0")) throw new ToolError("The path holds a NUL character. Leave it out.");
	const missing: string[] = [];
	let at = resolve(root, path);
	assertInside(root, at, path);
	for (;;) {
		let real: string | undefined;
		try {
			real = await realpathIfThere(at);
		} catch (error) {
			throw (await isThroughLink(root, at)) ? behindLink(path) : error;
		}
		if (real !== undefined) {
			if (!isInside(root, real)) throw behindLink(path);
			return join(real, ...missing);
		}
		if (await isSymbolicLink(at)) throw behindLink(path);
		missing.unshift(basename(at));
		at = dirname(at);
	}
}

/** Path relative to the workspace, as tools show it. */
export function shownPath(root: string, real: string): string {
	return relative(root, real) || ".";
}

/**
 * Opens a regular file of the workspace for reading.
 *
 * @throws ToolError when it is not there, is no regular file, or lies outside
 */
export async function openInside(root: string, path: string): Promise<FileHandle> {
	const real = await confine(root, path);
	if (real === root) throw isDirectory(path);
	return openEntry(root, real, path).catch((error: unknown) => {
		if (errorCode(error) === "ENOENT") {
			throw new ToolError(`file not found: "${path}" does not exist in the workspace. Use glob to see what is there.`);
		}
		throw error;
	});
}

/**
 * The same for a file whose real path is known.
 *
 * @param shown as what messages call it
 * @throws ToolError; NodeJS.ErrnoException, ENOENT among them
 */
export async function openEntry(root: string, real: string, shown = shownPath(root, real)): Promise<FileHandle> {
	const directory = await openDirectory(root, dirname(real));
	try {
		// O_NOFOLLOW: the last part may have become a link since. O_NONBLOCK: opening a FIFO would wait for its writer.
		const handle = await open(directory.path(basename(real)), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		try {
			await assertOpenedInside(root, handle, real);
			const stats = await handle.stat();
			if (stats.isDirectory()) throw isDirectory(shown);
			if (!stats.isFile()) throw new ToolError(`"${shown}" is neither a file nor a directory, so it cannot be read.`);
			directory.assertReadable(stats);
			return handle;
		} catch (error) {
			await handle.close();
			throw error;
		}
	} finally {
		await directory.close();
	}
}

function isDirectory(shown: string): ToolError {
	return new ToolError(`"${shown}" is a directory, not a file. Use glob to list it.`);
}

/**
 * Checks where an open file really is: a directory on the way may have been swapped for a link between the check of
 * its path and the opening.
 */
export async function assertOpenedInside(root: string, handle: FileHandle, real: string): Promise<void> {
	if (process.platform === "linux") return assertInside(root, await readlink(`/proc/self/fd/${handle.fd}`), real);
	const [opened, named] = await Promise.all([handle.stat(), stat(real)]);
	assertInside(root, await realpath(real), real);
	if (opened.ino !== named.ino || opened.dev !== named.dev) throw replaced(shownPath(root, real));
}

/** @throws ToolError that calls it `path` */
export function assertInside(root: string, absolute: string, path: string): void {
	if (isInside(root, absolute)) return;
	throw new ToolError(`"${path}" is outside the workspace. Use a path relative to the workspace; "." is the workspace itself.`);
}

function isInside(root: string, absolute: string): boolean {
	return absolute === root || absolute.startsWith(root + sep);
}

/** One sentence for all that may be there: a session makes links, and would learn from the answers which files the node has. */
function behindLink(path: string): ToolError {
	return new ToolError(
		`"${path}" goes through a symbolic link, and what that names is outside the workspace or does not exist. Name the file itself, by a path relative to the workspace.`,
	);
}

/** Whether a part of a path inside the workspace is a link. */
async function isThroughLink(root: string, path: string): Promise<boolean> {
	let at = root;
	for (const part of relative(root, path).split(sep)) {
		at = join(at, part);
		const stats = await lstat(at).catch(() => undefined);
		if (!stats) return false;
		if (stats.isSymbolicLink()) return true;
	}
	return false;
}

async function realpathIfThere(path: string): Promise<string | undefined> {
	try {
		return await realpath(path);
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}

async function isSymbolicLink(path: string): Promise<boolean> {
	try {
		return (await lstat(path)).isSymbolicLink();
	} catch (error) {
		if (errorCode(error) === "ENOENT") return false;
		throw error;
	}
}
