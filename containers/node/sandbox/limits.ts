import { availableParallelism, totalmem } from "node:os";
import type { SessionLimits } from "./session-limits.ts";

/** What one session may use, as the operating system is told. */
export interface ProcessLimits {
	/** Processes and threads of the session's user. */
	processes: number | undefined;
	/** Bytes of memory: of all its processes in a cgroup, else of each. */
	memory: number;
	/** Cores, in a cgroup; elsewhere not limited. */
	cpu?: number | undefined;
	/** Seconds of CPU time of one process. */
	cpuSeconds: number;
	/** Bytes of one file. */
	fileBytes: number;
	openFiles: number;
	/** Nobody said what the session may use: what was said of it before holds instead, as far as that is known. */
	areGuessed?: boolean;
}

/** What holds where a call says nothing else. */
export const DEFAULTS = {
	processes: 512,
	openFiles: 16_384,
	fileBytes: 16 * 2 ** 30,
	/** Of the node's disk, for all files of a session. */
	diskShare: 0.5,
	/** Of the node's memory. */
	memoryShare: 0.5,
	/**
	 * CPU time of one process: as much as it could use in four times the time of its call, and an hour at least, since
	 * what a command leaves in the background goes on after it.
	 */
	cpuTimeouts: 4,
	cpuSeconds: 3_600,
} as const;

/** What is read of the machine. */
export interface Machine {
	cores: number;
	/** Bytes. */
	memory: number;
}

export function thisMachine(): Machine {
	// In a container the cgroup's limit counts; it is 0 or beyond any machine where there is none.
	const constrained = process.constrainedMemory() || Number.POSITIVE_INFINITY;
	return { cores: availableParallelism(), memory: Math.min(constrained, totalmem()) };
}

/** @param timeoutMs of the call; absent for a person's command, which has none */
export function processLimits(asked: SessionLimits | undefined, timeoutMs: number | undefined, machine = thisMachine()): ProcessLimits {
	const { processes, memory, cpu, ephemeralStorage } = asked ?? {};
	const possible = (DEFAULTS.cpuTimeouts * machine.cores * (timeoutMs ?? 0)) / 1000;
	return {
		processes: processes ?? DEFAULTS.processes,
		memory: memory ?? Math.floor(machine.memory * DEFAULTS.memoryShare),
		cpu,
		cpuSeconds: Math.max(DEFAULTS.cpuSeconds, Math.ceil(possible)),
		fileBytes: Math.min(ephemeralStorage ?? DEFAULTS.fileBytes, DEFAULTS.fileBytes),
		openFiles: DEFAULTS.openFiles,
	};
}

/**
 * Lines of sh that set the limits of the process that runs them, with builtins alone. Each is on its own: where a machine
 * already has a lower limit, and the right to raise it is missing, the lower one stays.
 *
 * Memory is limited as RLIMIT_DATA: what a process can write to. RLIMIT_AS would count address space, of which V8 and the
 * JVM reserve gigabytes that they never touch, so they would not even start.
 *
 * @param inGroup a cgroup limits the memory already
 */
export function limitLines({ processes, memory, cpuSeconds, fileBytes, openFiles }: ProcessLimits, inGroup = false): string {
	const lines = [
		"ulimit -c 0",
		// In blocks of 512 bytes, by POSIX.
		`ulimit -f ${Math.ceil(fileBytes / 512)}`,
		`ulimit -n ${openFiles}`,
		// SIGXCPU, which says what it was, and SIGKILL for who ignores it.
		`ulimit -St ${cpuSeconds}; ulimit -Ht ${cpuSeconds + 10}`,
		...(inGroup ? [] : [`ulimit -d ${Math.ceil(memory / 1024)}`]),
		// bash, then dash.
		...(processes === undefined ? [] : [`ulimit -u ${processes} || ulimit -p ${processes}`]),
	];
	return lines.map((line) => `{ ${line}; } 2>/dev/null`).join("\n");
}
