import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import type { CgroupLimits, ReadText } from "../cgroup-limits.ts";
import { cgroupUse, isContainer } from "./cgroup-use.ts";

/** What is used so far. */
export interface Use {
	/** Seconds of CPU since some moment in the past. */
	busySeconds: number;
	/** Bytes in use. */
	memory: number;
}

/**
 * Whose use is the node's: the control group's that it runs in, that of its runtime and of what its sessions run, or the whole
 * machine's.
 */
export type StatsScope = "cgroup" | "processes" | "machine";

type Size = Required<CgroupLimits>;

/**
 * Measures a node by what it offers, so that what it uses can be held against that.
 *
 * @param capacity what the node offers
 * @param machine what it could offer within the limits of its control group
 * @param hardware what is there without those
 */
export function statsScope(
	capacity: Size,
	machine: Size,
	read: ReadText,
	hardware: Size = { cpu: availableParallelism(), memory: totalmem() },
): StatsScope {
	const inCgroup = cgroupUse(read) !== undefined;
	// All that is in a container is the node's, however little of it is offered.
	if (inCgroup && isContainer(read)) return "cgroup";
	if (isBelow(capacity, machine)) return "processes";
	// Without limits a group may be the terminal's that the node was started in, and what is offered is the machine.
	return inCgroup && isBelow(machine, hardware) ? "cgroup" : "machine";
}

export function useOf(scope: StatsScope, read: ReadText): Use {
	switch (scope) {
		case "cgroup":
			return cgroupUse(read) ?? machineUse();
		case "processes": {
			const { user, system } = process.cpuUsage();
			return { busySeconds: (user + system) / 1_000_000, memory: process.memoryUsage.rss() };
		}
		case "machine":
			return machineUse();
	}
}

function machineUse(): Use {
	const busyMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
	const free = process.availableMemory?.() ?? freemem();
	return { busySeconds: busyMs / 1000, memory: Math.max(0, totalmem() - free) };
}

function isBelow(size: Size, other: Size): boolean {
	return size.cpu < other.cpu || size.memory < Math.floor(other.memory);
}
