import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processStart } from "../../../containers/node/process/process-table.ts";
import { CliError } from "../errors.ts";

const TRIES = 10;
const WAIT_MS = 50;

/**
 * Makes this process the only `klaw up` of a data directory, and returns what lets go of it. A holder counts only while
 * its process lives, so a lock that SIGKILL left behind is none.
 *
 * Each shows itself with a file of its own before it looks for others: of two that come at once at least one sees the
 * other, and there is no moment at which a dead lock is taken from under a live one.
 *
 * @throws CliError that names the process which has it
 */
export async function lockDataDir(dir: string): Promise<() => void> {
	mkdirSync(dir, { recursive: true });
	const own = `${process.pid}.${processStart(process.pid)}.${randomBytes(4).toString("hex")}`;
	const release = () => rmSync(join(dir, own), { force: true });
	for (let tried = 1; ; tried++) {
		writeFileSync(join(dir, own), "");
		const holder = otherHolder(dir, own);
		if (holder === undefined) return release;
		release();
		if (tried === TRIES)
			throw new CliError(`A klaw is already running here (pid ${holder}). Stop it with Ctrl-C or kill ${holder}, or use another --data.`);
		await sleep(Math.random() * WAIT_MS);
	}
}

/** Process id of a live holder. Removes the files of dead ones. */
function otherHolder(dir: string, own: string): number | undefined {
	for (const name of readdirSync(dir)) {
		if (name === own) continue;
		const [pid = "", start] = name.split(".");
		if (processStart(Number(pid)) === start) return Number(pid);
		rmSync(join(dir, name), { force: true });
	}
	return undefined;
}
