/** Text of a file; `undefined` when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** What the kernel gives this process at most; absent: no limit is set. */
export interface CgroupLimits {
	/** Cores. */
	cpu?: number;
	/** Bytes. */
	memory?: number;
}

const ROOT = "/sys/fs/cgroup";

/**
 * The limits of the process's control groups, versions 2 and 1. A limit of any group above counts too, so the lowest is
 * the answer.
 *
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function cgroupLimits(read: ReadText): CgroupLimits {
	const groups = (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
		const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
		return path === "" ? [] : [{ controllers: controllers.split(","), path }];
	});
	const files = (controller: string, file: { v2: string; v1: string }) =>
		groups.flatMap(({ controllers, path }) => {
			if (controllers[0] === "") return upwards(path).map((dir) => `${ROOT}${dir}/${file.v2}`);
			return controllers.includes(controller) ? upwards(path).map((dir) => `${ROOT}/${controller}${dir}/${file.v1}`) : [];
		});
	const cpu = files("cpu", { v2: "cpu.max", v1: "cpu.cfs_quota_us" }).map((path) => coresIn(path, read));
	const memory = files("memory", { v2: "memory.max", v1: "memory.limit_in_bytes" }).map((path) => numberIn(read(path)));
	return { ...lowest("cpu", cpu), ...lowest("memory", memory) };
}

/** `/a/b` → `/a/b`, `/a` and the root, which is what a container sees as its own. */
function upwards(path: string): string[] {
	const parts = path.split("/").filter((part) => part !== "" && part !== "..");
	return [...parts.keys(), parts.length].reverse().map((count) =>
		parts
			.slice(0, count)
			.map((part) => `/${part}`)
			.join(""),
	);
}

/** `cpu.max` holds quota and period; version 1 has a file for each. */
function coresIn(path: string, read: ReadText): number | undefined {
	const [quota, period] = (read(path) ?? "").trim().split(" ");
	const every = numberIn(period ?? read(path.replace("cfs_quota", "cfs_period")));
	const microseconds = numberIn(quota);
	return microseconds === undefined || every === undefined ? undefined : microseconds / every;
}

/** `max` and -1 stand for no limit. */
function numberIn(text = ""): number | undefined {
	const value = Number(text.trim() === "" ? Number.NaN : text);
	return value > 0 ? value : undefined;
}

function lowest<Name extends keyof CgroupLimits>(name: Name, values: (number | undefined)[]): CgroupLimits {
	const known = values.filter((value) => value !== undefined);
	return known.length === 0 ? {} : { [name]: Math.min(...known) };
}
