import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lowerBound } from "../../../test/bench/scheduler/lower-bound.ts";
import { NODE } from "../../../test/bench/scheduler/workloads.ts";
import { node, pool, request } from "./test-pool.ts";

/** Of a node of 12 by 12. */
type Size = [cpu: number, memory: number];
const WHOLE = 12;

/** Nodes that are used when each takes the best of those in use, and a new one only when it fits none. */
function nodesUsed(sizes: readonly Size[]): number {
	const scheduler = pool([]);
	let used = 0;
	for (const [n, [cpu, memory]] of sizes.entries()) {
		const asked = request(`s${n}`, { requests: { cpu, memory } });
		let name = scheduler.pick(asked);
		if (name === undefined) {
			name = `n${used++}`;
			scheduler.setNode(node(name, { capacity: { cpu: WHOLE, memory: WHOLE, slots: 100 } }));
		}
		scheduler.place({ request: asked, node: name });
	}
	return used;
}

/** The fewest nodes that will do, by trying everything. */
function fewest(sizes: readonly Size[]): number {
	let best = sizes.length;
	const tryAll = (at: number, nodes: Size[]): void => {
		if (nodes.length >= best) return;
		const size = sizes[at];
		if (!size) {
			best = nodes.length;
			return;
		}
		const [cpu, memory] = size;
		for (const [index, [usedCpu, usedMemory]] of nodes.entries()) {
			if (usedCpu + cpu > WHOLE || usedMemory + memory > WHOLE) continue;
			tryAll(at + 1, nodes.with(index, [usedCpu + cpu, usedMemory + memory]));
		}
		tryAll(at + 1, [...nodes, [cpu, memory]]);
	};
	tryAll(0, []);
	return best;
}

const part = fc.integer({ min: 1, max: WHOLE });

describe("packing by most allocated", () => {
	/** Dósa and Sgall, Optimal analysis of best fit bin packing (ICALP 2014): never more than 1.7 times the optimum. */
	it("of one resource uses at most 1.7 times the fewest nodes that would do", () => {
		fc.assert(
			fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (given) => {
				const sizes = given.map((size): Size => [size, size]);
				expect(nodesUsed(sizes)).toBeLessThanOrEqual(Math.floor(1.7 * fewest(sizes)));
			}),
		);
	});

	/** Any rule that starts a node only when it must stays within d + 0.7 for d resources (Garey, Graham, Johnson and Yao, 1976). */
	it("of two resources uses at most 2.7 times the fewest nodes that would do", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 8 }), (sizes) => {
				expect(nodesUsed(sizes)).toBeLessThanOrEqual(Math.ceil(2.7 * fewest(sizes)));
			}),
		);
	});

	it("of what fits one node uses one node", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 8 }), (sizes) => {
				fc.pre(sizes.reduce((sum, [cpu]) => sum + cpu, 0) <= WHOLE && sizes.reduce((sum, [, memory]) => sum + memory, 0) <= WHOLE);
				expect(nodesUsed(sizes)).toBe(1);
			}),
		);
	});
});

describe("the lower bound that packings are compared with", () => {
	const bound = (sizes: readonly Size[]) =>
		lowerBound(sizes.map(([cpu, memory]) => ({ cpu: (cpu / WHOLE) * NODE.cpu, memory: (memory / WHOLE) * NODE.memory })));

	it("is never more than the fewest nodes that would do", () => {
		const large = fc.integer({ min: 5, max: WHOLE });
		const size = fc.oneof(fc.tuple(part, part), fc.tuple(large, part), fc.tuple(part, large), fc.tuple(large, large));
		fc.assert(
			fc.property(fc.array(size, { minLength: 1, maxLength: 8 }), (sizes) => {
				expect(bound(sizes)).toBeLessThanOrEqual(fewest(sizes));
			}),
			{ numRuns: 2_000 },
		);
	});

	it("is never less than the sum of either resource", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 30 }), (sizes) => {
				const sums = [0, 1].map((of) => sizes.reduce((sum, size) => sum + (size[of] ?? 0), 0));
				expect(bound(sizes)).toBeGreaterThanOrEqual(Math.ceil(Math.max(...sums) / WHOLE));
			}),
		);
	});

	it.each<[string, Size[], number]>([
		[
			"what takes more than half a node shares with nothing like it",
			[
				[7, 1],
				[7, 1],
				[7, 1],
			],
			3,
		],
		[
			"what is left beside the large ones is too little for the middling ones",
			[
				[8, 1],
				[8, 1],
				[5, 1],
			],
			3,
		],
		[
			"what has a whole node by one resource wastes the other",
			[
				[1, 12],
				[1, 12],
				[11, 1],
				[11, 1],
			],
			4,
		],
	])("knows that %s", (_, sizes, nodes) => {
		expect([bound(sizes), fewest(sizes)]).toEqual([nodes, nodes]);
	});
});
