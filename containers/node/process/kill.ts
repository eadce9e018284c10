import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../explain-error.ts";
import { groupMembers, isRunning, processesWith } from "./process-table.ts";

/** Which processes to kill: whole groups, and whatever carries these environment variables. */
export interface Target {
	/** Ids of process groups whose leader is known to be the right process. */
	groups: readonly number[];
	/** `NAME=value`, all of which a process must have. */
	variables: readonly string[];
}

/** After SIGKILL only the kernel can hold a process back (a wedged disk); a call must not hang with it. */
const KILLED_MS = 1_000;
const POLL_MS = 10;

/** Kills the target: SIGTERM, and SIGKILL for what is left after `graceMs`. Resolves when nothing of it is left. */
export async function killProcesses(target: Target, graceMs: number): Promise<void> {
	const asked = signalAll(target, "SIGTERM");
	for (const until = Date.now() + graceMs; Date.now() < until && asked.some(isRunning); ) await sleep(POLL_MS);
	// Looked up anew, and even if nothing seems left: a process that was just being forked is found now.
	for (const until = Date.now() + KILLED_MS; signalAll(target, "SIGKILL").length > 0 && Date.now() < until; ) await sleep(POLL_MS);
}

/** Returns the processes that were there. */
function signalAll({ groups, variables }: Target, signal: NodeJS.Signals): number[] {
	const members = new Set(groups.flatMap(groupMembers));
	const others = processesWith(variables).filter((pid) => !members.has(pid));
	// A group at once, so that none of it is forked away in between. A negative id is a group; see kill(2).
	for (const id of [...(members.size > 0 ? groups.map((group) => -group) : []), ...others]) signalOne(id, signal);
	return [...members, ...others];
}

function signalOne(id: number, signal: NodeJS.Signals): void {
	try {
		process.kill(id, signal);
	} catch (error) {
		// ESRCH: it ended by itself. EPERM: it became another user's (sudo); it is there, but not ours to kill.
		if (errorCode(error) !== "ESRCH" && errorCode(error) !== "EPERM") throw error;
	}
}
