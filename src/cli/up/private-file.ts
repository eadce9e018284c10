import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner can read, whole or not at all. */
export function writePrivateFile(path: string, text: string): void {
	const unfinished = `${path}.${process.pid}`;
	// The mode of a file that exists already would stay as it is.
	rmSync(unfinished, { force: true });
	writeFileSync(unfinished, text, { mode: 0o600 });
	renameSync(unfinished, path);
}
