import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { Cgroups } from "./cgroups.ts";
import { processLimits } from "./limits.ts";

/** A directory with the files that the kernel has in a cgroup. */
function cgroupTree(controllers = "cpuset cpu io memory pids\n"): string {
	const own = temporaryDirectory();
	writeFileSync(join(own, "cgroup.controllers"), controllers);
	mkdirSync(join(own, "klaw"));
	writeFileSync(join(own, "klaw/memory.max"), "max");
	return own;
}

const text = (own: string, file: string) => readFileSync(join(own, "klaw", file), "utf8");

describe("Cgroups", () => {
	it("give a session its memory and cores, and a line that moves a process into its group", () => {
		const own = cgroupTree();
		const line = Cgroups.open(own, "klaw")?.enter("/data/workspaces/s", processLimits({ memory: 2 ** 29, cpu: 0.5 }, 0));
		expect([text(own, "cgroup.subtree_control"), text(own, "s/memory.max"), text(own, "s/cpu.max")]).toEqual([
			...["+memory +cpu", String(2 ** 29), "50000 100000"],
		]);
		expect(line).toBe(`{ echo 0 >'${own}/klaw/s/cgroup.procs'; } 2>/dev/null`);
	});

	it("keep what a call said when a command comes of which nobody said anything", () => {
		const own = cgroupTree();
		const cgroups = Cgroups.open(own, "klaw");
		const guessed = { ...processLimits(undefined, undefined), areGuessed: true };
		cgroups?.enter("/data/workspaces/s", processLimits({ memory: 2 ** 29, cpu: 0.5 }, 0));
		cgroups?.enter("/data/workspaces/s", guessed);
		expect([text(own, "s/memory.max"), text(own, "s/cpu.max")]).toEqual([String(2 ** 29), "50000 100000"]);
		cgroups?.enter("/data/workspaces/new", guessed);
		expect([text(own, "new/memory.max"), text(own, "new/cpu.max")]).toEqual([String(guessed.memory), "max"]);
	});

	it("tell once that the kernel killed something for its memory", () => {
		const own = cgroupTree();
		const cgroups = Cgroups.open(own, "klaw");
		cgroups?.enter("/data/workspaces/s", processLimits(undefined, 0));
		const events = (kills: number) => writeFileSync(join(own, "klaw/s/memory.events"), `low 0\noom 2\noom_kill ${kills}\n`);
		const told = [0, 1, 1, 3].map((kills) => {
			events(kills);
			return cgroups?.takeOutOfMemory("/data/workspaces/s");
		});
		expect(told).toEqual([false, true, false, true]);
	});

	it.each([
		["their memory cannot be limited", () => cgroupTree("hugetlb\n")],
		["there are none", () => temporaryDirectory()],
	])("are none when %s", (_, tree) => {
		expect(Cgroups.open(tree(), "klaw")).toBeUndefined();
	});
});
