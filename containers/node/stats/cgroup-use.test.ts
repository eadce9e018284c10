import { describe, expect, it } from "vitest";
import { cgroupUse, isContainer } from "./cgroup-use.ts";

const over = (files: Record<string, string>) => (path: string) => files[path];

function version2(dir: string): Record<string, string> {
	return {
		[`${dir}/cpu.stat`]: "usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n",
		[`${dir}/memory.current`]: "5000\n",
		[`${dir}/memory.stat`]: "anon 1000\ninactive_anon 7\ninactive_file 2000\nactive_file 3\n",
	};
}

function version1(path: string): Record<string, string> {
	return {
		[`/sys/fs/cgroup/cpuacct${path}/cpuacct.usage`]: "2500000000\n",
		[`/sys/fs/cgroup/memory${path}/memory.usage_in_bytes`]: "5000\n",
		[`/sys/fs/cgroup/memory${path}/memory.stat`]: "cache 9\ninactive_file 1\ntotal_inactive_file 2000\n",
	};
}

/** As the machine itself has them: in its own groups everything counts. */
const MACHINE1 = {
	...version1(""),
	"/sys/fs/cgroup/cpuacct/cgroup.sane_behavior": "0\n",
	"/sys/fs/cgroup/memory/cgroup.sane_behavior": "0\n",
};
const MACHINE2 = { "/sys/fs/cgroup/cpu.stat": "usage_usec 99000000\n", "/sys/fs/cgroup/memory.stat": "inactive_file 1\n" };
const IN_DOCKER = "4:memory:/docker/abc\n2:cpuacct,cpu:/docker/abc\n0::/docker/abc\n";
const USED = { busySeconds: 2.5, memory: 3000 };

describe("what a control group uses", () => {
	it.each<[string, Record<string, string>, boolean]>([
		["a container's, of version 2", { "/proc/self/cgroup": "0::/\n", ...version2("/sys/fs/cgroup") }, true],
		[
			"a container's whose runtime made a group for itself beside those of its sessions",
			{
				"/proc/self/cgroup": "0::/runtime\n",
				...version2("/sys/fs/cgroup"),
				"/sys/fs/cgroup/runtime/memory.current": "1\n",
				"/sys/fs/cgroup/runtime/cpu.stat": "usage_usec 1\n",
			},
			true,
		],
		["a container's, of version 1, whatever path the machine knows it by", { "/proc/self/cgroup": IN_DOCKER, ...version1("") }, true],
		[
			"a service's, of version 2",
			{ "/proc/self/cgroup": "0::/a.slice/klaw.service\n", ...MACHINE2, ...version2("/sys/fs/cgroup/a.slice/klaw.service") },
			false,
		],
		[
			"a service's, of version 1",
			{ "/proc/self/cgroup": "4:memory:/klaw\n2:cpu,cpuacct:/klaw\n0::/\n", ...MACHINE1, ...version1("/klaw") },
			false,
		],
	])("is known: %s", (_, files, container) => {
		expect(cgroupUse(over(files))).toEqual(USED);
		expect(isContainer(over(files))).toBe(container);
	});

	it.each<[string, Record<string, string>]>([
		["there are no groups", {}],
		["the group is the machine's, of version 2", { "/proc/self/cgroup": "0::/\n", ...MACHINE2 }],
		["the group is the machine's, of version 1", { "/proc/self/cgroup": "4:memory:/\n2:cpu,cpuacct:/\n0::/\n", ...MACHINE1 }],
		["only its memory is counted apart", { "/proc/self/cgroup": "4:memory:/x\n2:cpu,cpuacct:/\n", ...MACHINE1, ...version1("/x") }],
	])("is not known when %s", (_, files) => {
		expect(cgroupUse(over(files))).toBeUndefined();
		expect(isContainer(over(files))).toBe(false);
	});

	it("is never less than nothing", () => {
		const files = { ...version2("/sys/fs/cgroup"), "/sys/fs/cgroup/memory.current": "1999\n" };
		expect(cgroupUse(over(files))?.memory).toBe(0);
	});
});
