import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import type { UnixUser } from "./sandbox.ts";

/** Where everybody may leave files. */
const SHARED = ["/tmp", "/var/tmp", "/dev/shm"];
/** Past that the rest stays: a session must go, whatever the machine's own people keep there. */
const SWEEP_MS = 30_000;

/**
 * Removes what a session's user left where everybody may write: the next session that is given the number would own it. By
 * find(1), which goes down and deletes without following a link, whatever others change meanwhile.
 */
export async function removeFilesOf({ uid }: UnixUser, directories: readonly string[] = SHARED): Promise<void> {
	const there = directories.filter((directory) => existsSync(directory));
	if (there.length === 0) return;
	const args = [...there, "-xdev", "-mindepth", "1", "-uid", String(uid), "-delete"];
	// It says by its exit code that something stayed: a directory with files of others in it, or what went by itself.
	await new Promise<void>((resolve) => {
		execFile("find", args, { timeout: SWEEP_MS }, () => resolve());
	});
}
