import type { Signature } from "./scan.ts";

/** Kernels stamp files with the time of their last tick, 10 ms ago at most. */
const TICK_MS = 20;
/** File systems that keep whole seconds only keep two of them at worst. */
const COARSE_MS = 2_000;

/** The file is the one that was read then. */
export function isSame(one: Signature | undefined, other: Signature): boolean {
	return (
		one !== undefined && one.size === other.size && one.mtimeMs === other.mtimeMs && one.ctimeMs === other.ctimeMs && one.ino === other.ino
	);
}

/**
 * What may be relied on of a file that was read at `readAt`: a change right after the reading may have left the same times
 * as one right before it (git calls such a file "racily clean"). The time of the last change of the inode counts, since
 * programs can set the other one to what they like.
 */
export function settled(signature: Signature, readAt: number): Signature | undefined {
	const resolution = signature.ctimeMs % 1000 === 0 ? COARSE_MS : TICK_MS;
	return signature.ctimeMs >= readAt - resolution ? undefined : signature;
}
