import { join } from "node:path";
import { lock } from "./process/lock.ts";

/**
 * Makes this process the only runtime of a data directory.
 *
 * @returns lets go
 * @throws Error with a sentence when another runtime has it
 */
export async function lockDataDir(dataDir: string): Promise<() => void> {
	const taken = await lock(join(dataDir, "runtimes"));
	if (taken.held) return taken.release;
	throw new Error(
		`The data directory ${dataDir} is in use by another node runtime (process ${taken.holder}). Stop it, or choose another directory.`,
	);
}
