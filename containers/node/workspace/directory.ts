import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { errorCode } from "../explain-error.ts";
import { ToolError } from "../tools/node-tool.ts";

/** Node has no openat(2). On Linux an open directory has a name under which it stays the same whatever happens to its path. */
const LINUX = process.platform === "linux";
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
const OTHERS_READ = 0o004;

/** A directory of a workspace that is held open, so that nobody can put a link in its place. */
export interface Directory {
	/** Path of an entry. Of the entry itself: whoever opens it adds O_NOFOLLOW. */
	path(name: string): string;
	/** Gives what root made to the one whose workspace it is. */
	give(handle: FileHandle): Promise<void>;
	/**
	 * Refuses a file that the workspace's owner may not read, although root may: a hard link to somebody else's, which some
	 * systems let anybody make.
	 */
	assertReadable(stats: Stats): void;
	close(): Promise<void>;
}

/**
 * Opens a directory of a workspace, one step after the other from the workspace down and through no link, so that a
 * session which swaps a directory for a link while a tool of root's is at work leads it nowhere.
 *
 * @param root real path of the workspace
 * @param real path of the directory, from `confine`
 * @param make makes what is missing; it belongs to the workspace's owner
 * @throws ToolError when something of the path was replaced since; NodeJS.ErrnoException (ENOENT) when it is missing
 */
export async function openDirectory(root: string, real: string, make = false): Promise<Directory> {
	const names = relative(root, real)
		.split(sep)
		.filter((name) => name !== "");
	let [path, handle] = [root, await open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)];
	try {
		const { uid, gid } = await handle.stat();
		const asRoot = process.getuid?.() === 0 && uid !== 0;
		const give = async (made: FileHandle) => {
			if (asRoot) await made.chown(uid, gid);
		};
		for (const name of names) {
			const next = LINUX ? `/proc/self/fd/${handle.fd}/${name}` : join(path, name);
			const made = make && (await makeDirectory(next));
			const opened = await openStep(next, relative(root, join(path, name)));
			if (made) await give(opened);
			await handle.close();
			[path, handle] = [join(path, name), opened];
		}
		const [at, last] = [path, handle];
		return {
			path: (name) => (LINUX ? `/proc/self/fd/${last.fd}/${name}` : join(at, name)),
			give,
			assertReadable: (stats) => {
				if (asRoot && stats.uid !== uid && (stats.mode & OTHERS_READ) === 0)
					throw Object.assign(new Error("permission denied"), { code: "EACCES" });
			},
			close: () => last.close(),
		};
	} catch (error) {
		await handle.close();
		throw error;
	}
}

/** True when it was not there. */
async function makeDirectory(path: string): Promise<boolean> {
	try {
		await mkdir(path);
		return true;
	} catch (error) {
		if (errorCode(error) === "EEXIST") return false;
		throw error;
	}
}

async function openStep(path: string, shown: string): Promise<FileHandle> {
	try {
		return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	} catch (error) {
		// What Linux and macOS say of a link in these flags' way. `confine` went through it, so it was none then.
		if (["ELOOP", "ENOTDIR"].includes(errorCode(error) ?? "") && (await isSymbolicLink(path))) throw replaced(shown);
		throw error;
	}
}

async function isSymbolicLink(path: string): Promise<boolean> {
	return lstat(path).then(
		(stats) => stats.isSymbolicLink(),
		() => false,
	);
}

export function replaced(shown: string): ToolError {
	return new ToolError(`"${shown}" was replaced while it was in use. Try again.`);
}
