import { closeSync, constants, openSync, readlinkSync, realpathSync } from "node:fs";
import { fromSystem, toSystem } from "./file-name.ts";

/**
 * Gives `act` a path of the directory under which nothing else can be put while it acts: what goes on in a workspace may swap
 * any part of a path for a link, and the runtime may write where the session may not. Linux has such a path for an open
 * directory; elsewhere the directory is only looked at first.
 *
 * @param directory absolute and free of links, as text (see `file-name.ts`)
 * @throws NodeJS.ErrnoException, or Error with a sentence when the directory is not what it was
 */
export function inDirectory<T>(directory: string, act: (base: string) => T): T {
	const held = holdDirectory(directory);
	if (!held) throw new Error(`The directory ${directory} was replaced while files were put into it, so nothing was written there.`);
	try {
		return act(held.base);
	} finally {
		held.close();
	}
}

/** A directory that is held open. */
export interface HeldDirectory {
	/** A path of it, whatever happens to its name. */
	base: string;
	close(): void;
}

/**
 * The same for as long as it takes.
 *
 * @returns `undefined` when another directory is in its place, behind a link
 * @throws NodeJS.ErrnoException
 */
export function holdDirectory(directory: string): HeldDirectory | undefined {
	const opened = openSync(toSystem(directory), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
	const close = () => closeSync(opened);
	try {
		const base = process.platform === "linux" ? `/proc/self/fd/${opened}` : directory;
		const real = process.platform === "linux" ? readlinkSync(base, "buffer") : realpathSync.native(toSystem(directory), "buffer");
		if (fromSystem(real) === directory) return { base, close };
	} catch (error) {
		close();
		throw error;
	}
	close();
	return undefined;
}
