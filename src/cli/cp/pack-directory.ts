import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Header, pack } from "tar-stream";

/**
 * A directory as a tar of what is in it, with names that begin with `./`. Files keep whether they may be executed, links are
 * kept as they are; what is neither file, directory nor link is passed over, and told to `skipped`.
 */
export function packDirectory(directory: string, skipped: (path: string) => void): AsyncIterable<Uint8Array> {
	const tar = pack();
	const entry = (headers: Partial<Header> & Pick<Header, "name">) =>
		new Promise<void>((resolve, reject) => {
			tar.entry(headers, "", (error) => (error ? reject(error) : resolve()));
		});
	const add = async (path: string): Promise<void> => {
		const full = join(directory, path);
		const stats = await lstat(full);
		const headers = { name: `./${path}`, mode: stats.mode & 0o777, mtime: stats.mtime };
		if (stats.isSymbolicLink()) await entry({ ...headers, type: "symlink", linkname: await readlink(full) });
		else if (stats.isDirectory()) {
			if (path !== "") await entry({ ...headers, type: "directory" });
			for (const name of (await readdir(full)).sort()) await add(path === "" ? name : `${path}/${name}`);
		} else if (stats.isFile()) {
			// What grows meanwhile is cut: the size stands before the contents.
			const contents = stats.size === 0 ? undefined : createReadStream(full, { end: stats.size - 1 });
			if (!contents) await entry({ ...headers, type: "file", size: 0 });
			else await pipeline(contents, tar.entry({ ...headers, type: "file", size: stats.size }));
		} else skipped(full);
	};
	add("").then(
		() => tar.finalize(),
		(error) => tar.destroy(error),
	);
	return tar as AsyncIterable<Uint8Array>;
}
