import { lstatSync, readdirSync } from "node:fs";
import { breather } from "../checkpoint/breather.ts";
import { fromSystem, toSystem } from "../checkpoint/file-name.ts";
import { holdDirectory } from "../checkpoint/in-directory.ts";

/** `st_blocks` counts these, whatever the file system's own blocks are; see stat(3type). */
const BLOCK_BYTES = 512;
/** A larger tree is counted as far as it goes. */
const LOOK_MS = 5_000;

/**
 * Bytes that directories and all that is in them take on the disk: holes do not count, hard links do once. Links are not
 * followed, and what cannot be looked at counts nothing. What is not counted within 5 s is missing.
 *
 * @param roots real paths
 */
export async function diskUse(roots: readonly string[], clock = () => performance.now()): Promise<number> {
	const breathe = breather();
	const until = clock() + LOOK_MS;
	const linked = new Set<string>();
	const directories = [...roots];
	let bytes = 0;
	for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
		const held = unlessGone(() => holdDirectory(directory));
		if (!held) continue;
		try {
			for (const raw of unlessGone(() => readdirSync(held.base, "buffer")) ?? []) {
				await breathe();
				if (clock() > until) return bytes;
				const name = fromSystem(raw);
				const stats = unlessGone(() => lstatSync(toSystem(`${held.base}/${name}`)));
				if (!stats) continue;
				const inode = `${stats.dev}:${stats.ino}`;
				if (stats.nlink > 1 && !stats.isDirectory()) {
					if (linked.has(inode)) continue;
					linked.add(inode);
				}
				bytes += stats.blocks * BLOCK_BYTES;
				if (stats.isDirectory()) directories.push(`${directory}/${name}`);
			}
		} finally {
			held.close();
		}
	}
	return bytes;
}

function unlessGone<T>(act: () => T): T | undefined {
	try {
		return act();
	} catch {
		return undefined;
	}
}
