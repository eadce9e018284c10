import type { Content } from "./workspace-index.ts";

/** Waste below this is left alone. */
const WASTE_BYTES = 2 ** 20;
/** Blobs with less than this in them are fetched more slowly than they are read. */
const SMALL_BYTES = 256 * 1024;
/** Each call that changes a file leaves a small blob; a restore fetches all of them. */
const SMALL_BLOBS = 32;

/**
 * Blobs whose live contents are to be stored anew: those of which less than half is used, when more than a mebibyte is
 * wasted in them, and small ones when there are many.
 *
 * @param sizes bytes of contents by blob
 * @param live contents that the next checkpoint would take from them
 */
export function blobsToRewrite(sizes: ReadonlyMap<string, number>, live: Iterable<Content>): Set<string> {
	const used = usedBytes(live);
	const sparse = [...used].filter(([name, bytes]) => 2 * bytes < (sizes.get(name) ?? 0));
	const wasted = sparse.reduce((sum, [name, bytes]) => sum + (sizes.get(name) ?? 0) - bytes, 0);
	const small = [...used.keys()].filter((name) => (sizes.get(name) ?? 0) < SMALL_BYTES);
	return new Set([...(wasted > WASTE_BYTES ? sparse.map(([name]) => name) : []), ...(small.length > SMALL_BLOBS ? small : [])]);
}

/** What two files share counts once. */
function usedBytes(live: Iterable<Content>): Map<string, number> {
	const used = new Map<string, number>();
	const seen = new Map<string, Set<number>>();
	for (const { blob, offset, length } of live) {
		const offsets = seen.get(blob) ?? new Set();
		seen.set(blob, offsets);
		if (offsets.has(offset)) continue;
		offsets.add(offset);
		used.set(blob, (used.get(blob) ?? 0) + length);
	}
	return used;
}
