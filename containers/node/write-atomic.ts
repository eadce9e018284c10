import { renameSync, writeFileSync } from "node:fs";

/**
 * Writes a small file of the runtime's own, for nobody else to read, so that it is there whole or not at all.
 *
 * Synchronous because it takes a few microseconds, and a call must not start before it is on record. Not fsynced: what
 * is in the page cache survives every death of the runtime; when the whole machine dies, its heartbeat stops, its
 * incarnation is raised and the session is told that the outcome is unknown.
 *
 * @throws NodeJS.ErrnoException, ENOSPC among them
 */
export function writeAtomic(path: string, text: string): void {
	const partial = `${path}.tmp`;
	writeFileSync(partial, text, { mode: 0o600 });
	renameSync(partial, path);
}
