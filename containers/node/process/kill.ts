import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../explain-error.ts";
import { asUser } from "../sandbox/as-user.ts";
import type { UnixUser } from "../sandbox/sandbox.ts";
import { groupMembers, isRunning, processesOf, processesWith } from "./process-table.ts";

/** Which processes to kill: whole groups, and whatever carries these environment variables. */
export interface Target {
	/** Ids of process groups whose leader is known to be the right process. */
	groups: readonly number[];
	/** `NAME=value`, all of which a process must have. */
	variables: readonly string[];
	/** Whose processes may be among them, other than the runtime's own user. */
	users?: readonly UnixUser[];
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

/**
 * Kills everything of a session's user, like {@link killProcesses}. The signal comes from a process of that user which
 * sends it to all that it may, so the kernel does it at once, however quickly they fork.
 */
export async function killUser(user: UnixUser, graceMs: number): Promise<void> {
	const asked = processesOf(user);
	if (asked.length === 0) return;
	await signalUser(user, "TERM");
	for (const until = Date.now() + graceMs; Date.now() < until && asked.some(isRunning); ) await sleep(POLL_MS);
	for (const until = Date.now() + KILLED_MS; processesOf(user).length > 0 && Date.now() < until; ) {
		await signalUser(user, "KILL");
		// One that does the same to its own user without end may be quicker than that shell. Root is out of its reach.
		for (const pid of processesOf(user)) signalOne(pid, "SIGKILL");
		await sleep(POLL_MS);
	}
}

/** Sends a signal to everything of a session's user, at one moment. */
export async function signalUser(user: UnixUser, signal: "TERM" | "KILL"): Promise<void> {
	// The shell that sends the signal does not get it; see kill(2), process -1.
	const { file, args } = asUser(user, ["/bin/sh", "-c", `kill -s ${signal} -- -1`]);
	const shell = spawn(file, args, { cwd: "/", stdio: "ignore", env: { PATH: process.env.PATH } });
	await once(shell, "close");
}

/** Returns the processes that were there. */
function signalAll({ groups, variables, users }: Target, signal: NodeJS.Signals): number[] {
	const members = new Set(groups.flatMap(groupMembers));
	const others = processesWith(variables, users).filter((pid) => !members.has(pid));
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
