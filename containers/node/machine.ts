import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { cgroupLimits, type ReadText } from "./cgroup-limits.ts";
import type { Capacity } from "./protocol.ts";

/** Sessions at once on a machine that says nothing else. */
const SLOTS = 16;
const MIB = 2 ** 20;

/** What this machine offers unless it is told otherwise. @param workspaceRoot a directory on the disk that workspaces use */
export function machineCapacity(workspaceRoot: string): Capacity {
	const { bavail, bsize } = statfsSync(workspaceRoot);
	return capacityWithin(
		{ cpu: availableParallelism(), memory: totalmem(), ephemeralStorage: Math.floor((bavail * bsize) / MIB) * MIB, slots: SLOTS },
		readText,
	);
}

/** What is left of a machine within the limits of the container or service that this process is. */
export function capacityWithin(machine: Capacity, read: ReadText): Capacity {
	const { cpu = Number.POSITIVE_INFINITY, memory = Number.POSITIVE_INFINITY } = cgroupLimits(read);
	return { ...machine, cpu: Math.min(machine.cpu, cpu), memory: Math.floor(Math.min(machine.memory, memory)) };
}

export const readText: ReadText = (path) => {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return undefined;
	}
};
