import { describe, expect, it } from "vitest";
import { cgroupLimits } from "./cgroup-limits.ts";
import { capacityWithin, machineCapacity } from "./machine.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const GIB = 2 ** 30;
const over = (files: Record<string, string>) => (path: string) => files[path];
const V2 = { "/proc/self/cgroup": "0::/system.slice/klaw.service\n" };
const V1 = { "/proc/self/cgroup": "4:memory:/docker/abc\n2:cpuacct,cpu:/docker/abc\n0::/\n" };

describe("the limits of a process", () => {
	it.each([
		["nothing is known", {}, {}],
		["there are none", { ...V2, "/sys/fs/cgroup/system.slice/klaw.service/cpu.max": "max 100000\n" }, {}],
		["its own group has them", { ...V2, "/sys/fs/cgroup/system.slice/klaw.service/cpu.max": "150000 100000\n" }, { cpu: 1.5 }],
		[
			"a group above has lower ones",
			{
				...V2,
				"/sys/fs/cgroup/system.slice/klaw.service/memory.max": `${4 * GIB}\n`,
				"/sys/fs/cgroup/system.slice/memory.max": `${GIB}\n`,
			},
			{ memory: GIB },
		],
		[
			"a container sees its group as the root",
			{ "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "50000 100000\n", "/sys/fs/cgroup/memory.max": `${GIB}\n` },
			{ cpu: 0.5, memory: GIB },
		],
		[
			"they are of version 1, which a container sees as the root too",
			{
				...V1,
				"/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
				"/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
				"/sys/fs/cgroup/memory/memory.limit_in_bytes": `${2 * GIB}\n`,
			},
			{ cpu: 2, memory: 2 * GIB },
		],
		[
			"there are none in version 1",
			{ ...V1, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n" },
			{},
		],
	])("are found when %s", (_, files, limits) => {
		expect(cgroupLimits(over(files as Record<string, string>))).toEqual(limits);
	});
});

describe("the capacity of a machine", () => {
	const machine = { cpu: 8, memory: 16 * GIB, ephemeralStorage: 100 * GIB, slots: 16 };

	it("is what its limits leave of it", () => {
		const files = { ...V2, "/sys/fs/cgroup/cpu.max": "50000 100000", "/sys/fs/cgroup/memory.max": String(GIB) };
		expect(capacityWithin(machine, over(files))).toEqual({ ...machine, cpu: 0.5, memory: GIB });
	});

	it("is never more than the machine has", () => {
		const files = { ...V2, "/sys/fs/cgroup/cpu.max": "6400000 100000", "/sys/fs/cgroup/memory.max": "9223372036854771712" };
		expect(capacityWithin(machine, over(files))).toEqual(machine);
	});

	it("of this machine is more than nothing", () => {
		const { cpu, memory, ephemeralStorage = 0, slots } = machineCapacity(temporaryDirectory());
		expect([cpu, memory, ephemeralStorage, slots].every((amount) => amount > 0)).toBe(true);
		expect([memory, ephemeralStorage].every(Number.isInteger)).toBe(true);
	});
});
