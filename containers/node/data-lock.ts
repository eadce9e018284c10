import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "./process/process-table.ts";

const TRIES = 10;
const WAIT_MS = 100;

/**
 * Makes this process the only runtime of a data directory. A runtime that died without letting go is passed over: a
 * holder counts only while its process lives.
 *
 * Whoever wants the lock first shows itself with a file of its own and then looks for others, so of two that come at
 * once at least one sees the other; there is no moment at which a stale lock is taken from under a new holder.
 *
 * @returns lets go
 * @throws Error with a sentence when another runtime has it
 */
export async function lockDataDir(dataDir: string): Promise<() => void> {
	const dir = join(dataDir, "runtimes");
	mkdirSync(dir, { recursive: true });
	const own = `${process.pid}.${processStart(process.pid)}.${randomBytes(4).toString("hex")}`;
	const release = () => rmSync(join(dir, own), { force: true });
	for (let tried = 1; ; tried++) {
		writeFileSync(join(dir, own), "");
		const holder = otherHolder(dir, own);
		if (holder === undefined) return release;
		release();
		if (tried === TRIES) {
			throw new Error(
				`The data directory ${dataDir} is in use by another node runtime (process ${holder}). Stop it, or choose another directory.`,
			);
		}
		await sleep(Math.random() * WAIT_MS);
	}
}

/** Process id of a live holder. Removes the files of dead ones. */
function otherHolder(dir: string, own: string): number | undefined {
	for (const name of readdirSync(dir).filter((name) => name !== own)) {
		const [pid, start] = name.split(".");
		if (processStart(Number(pid)) === start) return Number(pid);
		rmSync(join(dir, name), { force: true });
	}
	return undefined;
}
