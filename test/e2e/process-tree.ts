import { execFileSync } from "node:child_process";

/** Process ids: of a process, then of what it has started, then of what that has started. */
export function processTree(root: number): number[] {
	const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
	const pairs = rows.map((row) => row.trim().split(/ +/).map(Number));
	const found = [root];
	for (const known of found) found.push(...pairs.flatMap(([pid = 0, parent]) => (parent === known ? [pid] : [])));
	return found;
}

/** Sends a signal to each that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
	for (const pid of pids) {
		try {
			process.kill(pid, signal);
		} catch (error) {
			if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
		}
	}
}

/** SIGKILL for a process and all below it, as when the power fails: nobody sees another die, or starts anything more. */
export function killTree(root: number): void {
	const all = processTree(root);
	signalAll(all, "SIGSTOP");
	signalAll(all, "SIGKILL");
}
