import { constants } from "node:fs";
import { mkdir, open, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCode } from "../explain-error.ts";
import { ToolError } from "../tools/node-tool.ts";
import { assertOpenedInside, shownPath } from "./confine.ts";

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
	const parent = dirname(real);
	const mode = await modeOf(root, real);
	await mkdir(parent, { recursive: true });
	if ((await realpath(parent)) !== parent) throw new ToolError(`"${shownPath(root, real)}" was replaced while it was written. Try again.`);
	const partial = join(parent, `.klaw-${callId}.tmp`);
	await rm(partial, { force: true });
	const handle = await open(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
	try {
		try {
			await assertOpenedInside(root, handle, partial);
			await handle.writeFile(content);
			if (mode !== undefined) await handle.chmod(mode);
			await handle.sync();
		} finally {
			await handle.close();
		}
		signal.throwIfAborted();
		beforeCommit?.();
		await rename(partial, real);
	} catch (error) {
		await rm(partial, { force: true });
		throw error;
	}
}

async function modeOf(root: string, real: string): Promise<number | undefined> {
	try {
		const stats = await stat(real);
		if (stats.isDirectory()) throw new ToolError(`"${shownPath(root, real)}" is a directory. Name a file in it.`);
		if (!stats.isFile()) throw new ToolError(`"${shownPath(root, real)}" is not a regular file, so it cannot be written.`);
		return stats.mode & 0o7777;
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}
