import { constants } from "node:os";
import type { ProcessLimits } from "../sandbox/limits.ts";

/** What is known of the end of a command that failed. */
export interface Failure {
	exitCode: number;
	/** The end of its output. */
	output: string;
	/** What it ran into, where something limits it. */
	limits: ProcessLimits | undefined;
	diskIsFull: boolean;
}

const MEMORY = /cannot allocate memory|out of memory|memoryerror|bad_alloc|memory exhausted|allocation failed/i;

/** What a limit has to do with a failure, which the command itself may not have been able to say. Empty: nothing is known. */
export function remarkOn({ exitCode, output, limits, diskIsFull }: Failure): string {
	// It fails in ways that do not name the reason, since its output is lost as well.
	if (diskIsFull) return "the disk of the node is full: free some space before you try again";
	if (!limits) return "";
	switch (exitCode) {
		case 128 + constants.signals.SIGXCPU:
			return `a process used up its ${limits.cpuSeconds} s of CPU time and was killed`;
		case 128 + constants.signals.SIGXFSZ:
			return `a file reached the limit of ${inBytes(limits.fileBytes)} for one file, and its writer was killed`;
	}
	if (MEMORY.test(output)) return `a process of this session can have ${inBytes(limits.memory)} of memory`;
	return "";
}

/** `512 MiB`; whole gibibytes as such. */
export function inBytes(bytes: number): string {
	if (bytes % 2 ** 30 === 0) return `${bytes / 2 ** 30} GiB`;
	return bytes >= 2 ** 20 ? `${Math.floor(bytes / 2 ** 20)} MiB` : `${bytes} bytes`;
}
