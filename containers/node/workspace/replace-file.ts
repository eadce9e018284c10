import { constants } from "node:fs";
import { lstat, open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { errorCode } from "../explain-error.ts";
import { ToolError } from "../tools/node-tool.ts";
import { shownPath } from "./confine.ts";
import { openDirectory } from "./directory.ts";

export interface Replacement {
	/** Real path of the workspace. */
	root: string;
	/** Real path of the file, from `confine`. */
	real: string;
	content: Buffer | string;
	/** Names the temporary file, so that a call that is taken up again clears away what it left. */
	callId: string;
	signal: AbortSignal;
	/** Called when the new content is on disk, just before it takes the file's place. */
	beforeCommit?(): void;
}

/**
 * Writes a file so that a reader sees the old or the new content, whole, whatever happens. Missing directories are
 * made; the mode of a file that was there is kept.
 *
 * @throws ToolError, or NodeJS.ErrnoException (ENOSPC among them) with the file as it was
 */
export async function replaceFile({ root, real, content, callId, signal, beforeCommit }: Replacement): Promise<void> {
	if (real === root) throw isDirectory(root, real);
	const directory = await openDirectory(root, dirname(real), true);
	const target = directory.path(basename(real));
	const partial = directory.path(`.klaw-${callId}.tmp`);
	try {
		const mode = await modeOf(root, real, target);
		await rm(partial, { force: true });
		const handle = await open(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
		try {
			await handle.writeFile(content);
			await directory.give(handle);
			// After the owner: giving a file away takes its setuid bit.
			if (mode !== undefined) await handle.chmod(mode);
			await handle.sync();
		} finally {
			await handle.close();
		}
		signal.throwIfAborted();
		beforeCommit?.();
		await rename(partial, target);
	} catch (error) {
		await rm(partial, { force: true });
		throw error;
	} finally {
		await directory.close();
	}
}

async function modeOf(root: string, real: string, target: string): Promise<number | undefined> {
	try {
		const stats = await lstat(target);
		if (stats.isDirectory()) throw isDirectory(root, real);
		if (!stats.isFile()) throw new ToolError(`"${shownPath(root, real)}" is not a regular file, so it cannot be written.`);
		return stats.mode & 0o7777;
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}

function isDirectory(root: string, real: string): ToolError {
	return new ToolError(`"${shownPath(root, real)}" is a directory. Name a file in it.`);
}
