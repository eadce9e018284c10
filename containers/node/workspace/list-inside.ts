import { constants, type Dirent, readdir as readdirOfNode } from "node:fs";
import { open, readdir, readlink } from "node:fs/promises";
import { assertInside } from "./confine.ts";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * `readdir` for whoever walks through a workspace by itself: a directory that was swapped for a link to one outside, after
 * the walk saw it, is empty.
 *
 * @param root real path of the workspace
 */
export function listInside(root: string): typeof readdirOfNode {
	if (process.platform !== "linux") return readdirOfNode;
	const list = (path: string, _: unknown, done: (error: Error | null, entries: Dirent[]) => void): void => {
		entriesOf(root, path).then(
			(entries) => done(null, entries),
			(error: Error) => done(error, []),
		);
	};
	return list as typeof readdirOfNode;
}

async function entriesOf(root: string, path: string): Promise<Dirent[]> {
	const directory = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	try {
		const held = `/proc/self/fd/${directory.fd}`;
		assertInside(root, await readlink(held), path);
		return await readdir(held, { withFileTypes: true });
	} finally {
		await directory.close();
	}
}
