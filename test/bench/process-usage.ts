import { readFile } from "node:fs/promises";

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** What a process has used so far; `undefined` where there is no /proc. */
export interface ProcessUsage {
	/** Processor time in user and kernel mode, in milliseconds. */
	cpuMs: number;
	/** The most memory that it ever had resident, in units of 10^6 bytes. */
	peakMegabytes: number;
}

export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
	if (process.platform !== "linux") return undefined;
	const [stat, status] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile(`/proc/${pid}/status`, "utf8")]);
	// The name in parentheses may hold anything; after it, fields 14 and 15 of proc(5) are the eleventh and twelfth.
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return {
		cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
		peakMegabytes: (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6,
	};
}

/** The memory that a process has resident now, in units of 10^6 bytes; `undefined` where there is no /proc. */
export async function residentMegabytes(pid: number): Promise<number | undefined> {
	if (process.platform !== "linux") return undefined;
	const status = await readFile(`/proc/${pid}/status`, "utf8");
	return (Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024) / 1e6;
}
