import type { ReadText } from "../cgroup-limits.ts";
import type { Use } from "./scope.ts";

const ROOT = "/sys/fs/cgroup";
/** Nanoseconds a second, for version 1; version 2 has microseconds. */
const NANO = 1e9;
const MICRO = 1e6;

/**
 * What the control group of this process uses with all groups below it, versions 2 and 1; `undefined` when it is in none, or in
 * that of the whole machine.
 *
 * Memory is the working set as cadvisor, and so `kubectl top`, counts it: without the file pages that the kernel gives up first.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
export function cgroupUse(read: ReadText): Use | undefined {
	return version2(read) ?? version1(read);
}

/** What is mounted here as the root is not the machine's: a container sees its own group there. */
export function isContainer(read: ReadText): boolean {
	return isSomebodys(ROOT, read) || (read(`${ROOT}/memory/memory.stat`) !== undefined && !isMachines(`${ROOT}/memory`, read));
}

function version2(read: ReadText): Use | undefined {
	// The container's before the own: the runtime makes groups for its sessions beside its own.
	const dir = [ROOT, `${ROOT}${ownPath("", read) ?? ""}`].find((dir) => isSomebodys(dir, read));
	if (dir === undefined) return undefined;
	const busy = field("usage_usec", read(`${dir}/cpu.stat`));
	return use(busy && busy / MICRO, read(`${dir}/memory.current`), field("inactive_file", read(`${dir}/memory.stat`)));
}

function version1(read: ReadText): Use | undefined {
	const [cpu, memory] = (["cpuacct", "memory"] as const).map((controller) => {
		const root = `${ROOT}/${controller}`;
		if (!isMachines(root, read)) return root;
		const path = ownPath(controller, read) ?? "/";
		return path === "/" ? undefined : `${root}${path}`;
	});
	if (cpu === undefined || memory === undefined) return undefined;
	const stat = read(`${memory}/memory.stat`);
	const inactive = field("total_inactive_file", stat) ?? field("inactive_file", stat);
	const busy = number(read(`${cpu}/cpuacct.usage`));
	return use(busy && busy / NANO, read(`${memory}/memory.usage_in_bytes`), inactive);
}

function use(busySeconds: number | undefined, used: string | undefined, inactive = 0): Use | undefined {
	const bytes = number(used);
	return busySeconds === undefined || bytes === undefined ? undefined : { busySeconds, memory: Math.max(0, bytes - inactive) };
}

/** Version 2: every group has this file but the machine's. */
function isSomebodys(dir: string, read: ReadText): boolean {
	return read(`${dir}/memory.current`) !== undefined;
}

/** Version 1: no group has this file but the machine's. */
function isMachines(dir: string, read: ReadText): boolean {
	return read(`${dir}/cgroup.sane_behavior`) !== undefined;
}

/** Of this process, from the root. @param controller empty for version 2 */
function ownPath(controller: string, read: ReadText): string | undefined {
	for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
		const [, controllers = "", path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
		if (path !== undefined && controllers.split(",").includes(controller)) return path;
	}
	return undefined;
}

function field(name: string, text = ""): number | undefined {
	return number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

function number(text = ""): number | undefined {
	return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
