import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "./process-table.ts";

const TRIES = 10;
const WAIT_MS = 100;

export type Lock = { held: true; release(): void } | { held: false; holder: number };

/**
 * Makes this process the only one that holds a directory. A holder counts only while its process lives, so a lock that
 * SIGKILL left behind is none.
 *
 * Whoever wants the lock first shows itself with a file of its own and then looks for others, so of two that come at
 * once at least one sees the other; there is no moment at which a stale lock is taken from under a new holder.
 */
export async function lock(dir: string): Promise<Lock> {
	mkdirSync(dir, { recursive: true });
	const own = `${process.pid}.${processStart(process.pid)}.${randomBytes(4).toString("hex")}`;
	const release = () => rmSync(join(dir, own), { force: true });
	for (let tried = 1; ; tried++) {
		writeFileSync(join(dir, own), "");
		const holder = otherHolder(dir, own);
		if (holder === undefined) return { held: true, release };
		release();
		if (tried === TRIES) return { held: false, holder };
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
