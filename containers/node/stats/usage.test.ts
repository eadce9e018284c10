import { describe, expect, it } from "vitest";
import type { ProcessUse } from "./processes.ts";
import { type Sample, usageBetween } from "./usage.ts";

const use = (pid: number, cpuSeconds: number, more: Partial<ProcessUse> = {}): ProcessUse => {
	return { pid, parent: 1, start: `s${pid}`, workspace: "w", cpuSeconds, memory: 100, ...more };
};
const sample = (at: number, busySeconds: number, ...processes: ProcessUse[]): Sample => {
	return { at, of: "node", busySeconds, memory: 7, processes };
};

/** What workspace `w` used in the ten seconds between two looks, in cores. */
function cpu(before: ProcessUse[], after: ProcessUse[]): number | undefined {
	return usageBetween(sample(0, 0, ...before), sample(10_000, 0, ...after)).workspaces[0]?.cpu;
}

describe("usage", () => {
	it("of the machine is a rate over the time between two looks, and its memory the later one's", () => {
		expect(usageBetween(sample(1_000, 100), sample(11_000, 105))).toEqual({
			...{ at: 11_000, windowMs: 10_000, node: { cpu: 0.5, memory: 7 }, workspaces: [] },
		});
	});

	it("of a node that offers a part of its machine is that of its runtime and of all that its sessions run", () => {
		const [before, after] = [sample(0, 1), sample(10_000, 2, use(2, 4), use(3, 1, { workspace: "v" }))];
		const { node } = usageBetween({ ...before, of: "runtime" }, { ...after, of: "runtime" });
		expect([node.cpu.toFixed(3), node.memory]).toEqual(["0.600", 207]);
	});

	it("of a workspace is that of all its processes", () => {
		const after = [use(2, 4), use(3, 6), use(4, 1, { workspace: "v" })];
		expect(usageBetween(sample(0, 0, use(2, 0), use(3, 0)), sample(10_000, 0, ...after)).workspaces).toEqual([
			{ workspace: "w", cpu: 1, memory: 200 },
			{ workspace: "v", cpu: 0.1, memory: 100 },
		]);
	});

	it.each<[string, ProcessUse[], ProcessUse[], number]>([
		["a process that began in between counts in full", [], [use(2, 3)], 0.3],
		["what a process used before does not count", [use(2, 100)], [use(2, 101)], 0.1],
		["a process that was waited for counts with its parent, once", [use(2, 1), use(3, 5, { parent: 2 })], [use(2, 8)], 0.2],
		["a process whose parents are gone too counts no more", [use(2, 1), use(3, 5, { parent: 2 })], [use(4, 1)], 0.1],
		["another process with the id of an earlier one is not that one", [use(2, 50)], [use(2, 2, { start: "later" })], 0.2],
		["no rate is below zero", [use(2, 50)], [use(2, 40)], 0],
	])("%s", (_, before, after, expected) => {
		expect(cpu(before, after)).toBeCloseTo(expected);
	});

	it("of no time at all has no rate", () => {
		expect(usageBetween(sample(5, 1), sample(5, 2)).node.cpu).toBe(0);
	});
});
