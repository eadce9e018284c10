import type { ProcessUse } from "./processes.ts";
import type { NodeStats } from "./protocol.ts";

/** One look at what a node uses. */
export interface Sample {
	/** Milliseconds since the epoch. */
	at: number;
	/** Of the whole node, or of its runtime alone: then that of the sessions' processes comes on top. */
	of: "node" | "runtime";
	/** Seconds of CPU that were used since some moment in the past. */
	busySeconds: number;
	/** Bytes in use. */
	memory: number;
	/** Of the sessions. */
	processes: readonly ProcessUse[];
}

/** What was used between two looks. Processes that came and went between them show as far as their parents waited for them. */
export function usageBetween(before: Sample, after: Sample): NodeStats {
	const windowMs = Math.max(0, after.at - before.at);
	const rate = (seconds: number) => (windowMs === 0 ? 0 : (Math.max(0, seconds) * 1000) / windowMs);
	const workspaces = new Map<string, { seconds: number; memory: number }>();
	for (const { workspace, cpuSeconds, memory } of after.processes) {
		const use = workspaces.get(workspace) ?? { seconds: 0, memory: 0 };
		workspaces.set(workspace, { seconds: use.seconds + cpuSeconds, memory: use.memory + memory });
	}
	for (const { workspace, cpuSeconds } of stillCounted(before, after)) {
		const use = workspaces.get(workspace);
		if (use) use.seconds -= cpuSeconds;
	}
	const sessions = [...workspaces].map(([workspace, { seconds, memory }]) => ({ workspace, cpu: rate(seconds), memory }));
	const node = { cpu: rate(after.busySeconds - before.busySeconds), memory: after.memory };
	if (after.of === "runtime") {
		for (const { cpu, memory } of sessions) {
			node.cpu += cpu;
			node.memory += memory;
		}
	}
	return { at: after.at, windowMs, node, workspaces: sessions };
}

/**
 * Processes of the earlier look whose time is in the later one: those that live, and those whose parent lives, which has
 * their time since it waited for them.
 */
function stillCounted(before: Sample, after: Sample): ProcessUse[] {
	const key = ({ pid, start }: ProcessUse) => `${pid} ${start}`;
	const alive = new Set(after.processes.map(key));
	const known = new Map(before.processes.map((use) => [use.pid, use]));
	const counted = (use: ProcessUse): boolean => {
		if (alive.has(key(use))) return true;
		const parent = known.get(use.parent);
		return parent !== undefined && parent !== use && counted(parent);
	};
	return before.processes.filter(counted);
}
