import { setTimeout as sleep } from "node:timers/promises";
import { residentMegabytes } from "../process-usage.ts";

/** Between two looks. */
const EVERY_MS = 5;

/**
 * By how much the memory of a process is above what it was, at its highest while `work` is done, in units of 10^6 bytes;
 * `undefined` where that cannot be known.
 */
export async function memoryOf(pid: number, work: () => Promise<unknown>): Promise<number | undefined> {
	const before = await residentMegabytes(pid);
	if (before === undefined) return undefined;
	let highest = before;
	let over = false;
	const looking = (async () => {
		while (!over) {
			highest = Math.max(highest, (await residentMegabytes(pid)) ?? 0);
			await sleep(EVERY_MS);
		}
	})();
	try {
		await work();
	} finally {
		over = true;
		await looking;
	}
	return highest - before;
}
