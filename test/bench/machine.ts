import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** What the numbers hold for. */
export interface Machine {
	cpu: string;
	cores: number;
	memoryGiB: number;
	system: string;
	node: string;
	workerd: string;
}

export function thisMachine(): Machine {
	const workerd: { version: string } = createRequire(import.meta.url)("workerd/package.json");
	return {
		cpu: cpus()[0]?.model.trim() ?? "unknown",
		cores: availableParallelism(),
		memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
		system: `${platform()} ${release()} ${arch()}`,
		node: process.versions.node,
		workerd: workerd.version,
	};
}

/** How much of the processors others keep busy while the bench does nothing, in percent, watched for `ms`. */
export async function busyPercent(ms: number): Promise<number> {
	const before = processorTimes();
	await sleep(ms);
	const after = processorTimes();
	return Math.round((1 - (after.idle - before.idle) / (after.all - before.all)) * 100);
}

function processorTimes(): { idle: number; all: number } {
	const times = cpus().map((cpu) => cpu.times);
	const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
	return { idle: times.reduce((sum, { idle }) => sum + idle, 0), all };
}
