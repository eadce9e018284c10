import { describe, expect, it } from "vitest";
import { readText } from "../machine.ts";
import { statsScope, useOf } from "./scope.ts";

const GIB = 2 ** 30;
const HARDWARE = { cpu: 8, memory: 16 * GIB };
const over = (files: Record<string, string>) => (path: string) => files[path];
const group = (dir: string) => ({ [`${dir}/cpu.stat`]: "usage_usec 1000000\n", [`${dir}/memory.current`]: "5000\n" });
const CONTAINER = { "/proc/self/cgroup": "0::/\n", ...group("/sys/fs/cgroup") };
const SERVICE = { "/proc/self/cgroup": "0::/klaw.service\n", ...group("/sys/fs/cgroup/klaw.service") };
const LIMITED = { cpu: 0.5, memory: GIB };
const PART = { cpu: 1, memory: 2 * GIB };

describe("what counts as used by a node", () => {
	it.each([
		["its machine, all of which it offers", HARDWARE, HARDWARE, {}, "machine"],
		["its machine, although it offers more", { ...HARDWARE, cpu: 64 }, HARDWARE, {}, "machine"],
		["its processes, when it offers a part of its machine", PART, HARDWARE, {}, "processes"],
		["its processes, when it offers a part of the memory only", { ...HARDWARE, memory: GIB }, HARDWARE, {}, "processes"],
		["its container", LIMITED, LIMITED, CONTAINER, "cgroup"],
		["its container, which has no limits", HARDWARE, HARDWARE, CONTAINER, "cgroup"],
		["its container, of which it offers a part", { ...LIMITED, cpu: 0.1 }, LIMITED, CONTAINER, "cgroup"],
		["its group, which has limits", LIMITED, LIMITED, SERVICE, "cgroup"],
		["its machine, not a group without limits that others may be in", HARDWARE, HARDWARE, SERVICE, "machine"],
		["its processes, in a group of which it offers a part", { ...LIMITED, cpu: 0.1 }, LIMITED, SERVICE, "processes"],
	])("is %s", (_, capacity, machine, files, expected) => {
		expect(statsScope(capacity, machine, over(files as Record<string, string>), HARDWARE)).toBe(expected);
	});

	it("is the control group's numbers in one", () => {
		expect(useOf("cgroup", over(CONTAINER))).toEqual({ busySeconds: 1, memory: 5000 });
	});

	it("is more than nothing, and the runtime alone is less than its machine", () => {
		const [runtime, machine] = [useOf("processes", readText), useOf("machine", readText)];
		expect(runtime.busySeconds).toBeGreaterThan(0);
		expect(runtime.memory).toBeGreaterThan(2 ** 20);
		expect(machine.busySeconds).toBeGreaterThan(runtime.busySeconds);
	});
});
