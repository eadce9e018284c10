import { readFileSync, renameSync, statSync } from "node:fs";

/** A log that grew beyond this is put aside at the next start, in place of the one that was put aside before. */
const LIMIT = 10 * 2 ** 20;
const TAIL_LINES = 15;

/** To be called before a log is written to. */
export function rotateLog(path: string): void {
	const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
	if (size > LIMIT) renameSync(path, `${path}.old`);
}

/** The last lines, for a sentence about why its writer ended. */
export function logTail(path: string): string {
	try {
		return readFileSync(path, "utf8").trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
	} catch {
		return "(nothing)";
	}
}
