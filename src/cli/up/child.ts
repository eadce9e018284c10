import { type ChildProcess, spawn } from "node:child_process";

/** A process that `klaw up` started. */
export interface Child {
	pid: number;
	/** Resolves with how it ended, e.g. `exit code 1` or `SIGKILL`. */
	ended: Promise<string>;
	kill(signal: NodeJS.Signals): void;
}

/** @throws Error when the program could not be started. */
export async function childOf(process: ChildProcess): Promise<Child & { process: ChildProcess }> {
	const ended = new Promise<string>((resolve) => {
		process.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
	});
	await new Promise<void>((resolve, reject) => {
		process.once("spawn", resolve);
		process.once("error", reject);
	});
	return { process, pid: process.pid ?? 0, ended, kill: (signal) => void process.kill(signal) };
}

/**
 * Makes sure that a child does not outlive this process, not even when that is killed with SIGKILL: a shell waits for
 * the end of a pipe that only this process holds open, and then kills the child. Call the result once the child has
 * ended by itself, before its process id can belong to another.
 *
 * Windows has no such shell; there {@link killLeftovers} of the next start does it.
 */
export function tieToThisProcess(pid: number): () => void {
	if (process.platform === "win32") return () => undefined;
	// Detached, so that a Ctrl-C at the terminal, which reaches every process of its group, does not end the guard first.
	const guard = spawn("/bin/sh", ["-c", 'read _; kill -KILL "$1"', "klaw-guard", String(pid)], {
		stdio: ["pipe", "ignore", "ignore"],
		detached: true,
	});
	guard.on("error", () => undefined);
	guard.stdin?.on("error", () => undefined);
	guard.unref();
	return () => void guard.kill("SIGKILL");
}

/** Asks a process to stop, and kills it when it has not within `patienceMs`. */
export async function stopChild(child: Child, patienceMs: number): Promise<void> {
	child.kill("SIGTERM");
	const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
	await child.ended;
	clearTimeout(timer);
}
