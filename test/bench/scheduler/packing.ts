import { DEFAULT_CONFIG } from "../../../durable-objects/dispatcher/scheduler/config.ts";
import { Scheduler } from "../../../durable-objects/dispatcher/scheduler/scheduler.ts";
import { lowerBound } from "./lower-bound.ts";
import { NODE, type Size, WORKLOADS, type WorkloadName, workload } from "./workloads.ts";

export interface Packing {
	workload: WorkloadName;
	requests: number;
	seed: number;
	/** So many nodes at least, whoever packs. */
	bound: number;
	/** Nodes used by the scheduler's own default, by first fit, and by least allocated. */
	mostAllocated: number;
	firstFit: number;
	leastAllocated: number;
}

/** Requests come one by one and stay; a node is started only when a request fits none. */
export function packing(count: number, seed: number): Packing[] {
	return (Object.keys(WORKLOADS) as WorkloadName[]).map((name) => {
		const sizes = workload(name, count, seed);
		return {
			...{ workload: name, requests: count, seed, bound: lowerBound(sizes) },
			mostAllocated: byScheduler(sizes, "MostAllocated"),
			firstFit: byFirstFit(sizes),
			leastAllocated: byScheduler(sizes, "LeastAllocated"),
		};
	});
}

function byScheduler(sizes: readonly Size[], type: "MostAllocated" | "LeastAllocated"): number {
	const scheduler = new Scheduler({ ...DEFAULT_CONFIG, scoringStrategy: { type } });
	let nodes = 0;
	for (const [index, requests] of sizes.entries()) {
		const request = { session: `bench/s${index}`, namespace: "bench", requests, nodeSelector: {} };
		let node = scheduler.pick(request);
		if (node === undefined) {
			node = `n${String(++nodes).padStart(6, "0")}`;
			const capacity = { ...NODE, slots: sizes.length };
			scheduler.setNode({ name: node, incarnation: 1, ready: true, unschedulable: false, capacity, labels: {}, taints: [] });
		}
		scheduler.place({ request, node });
	}
	return nodes;
}

function byFirstFit(sizes: readonly Size[]): number {
	const free: Size[] = [];
	for (const { cpu, memory } of sizes) {
		let node = free.find((room) => cpu <= room.cpu + 1e-9 && memory <= room.memory);
		if (!node) {
			node = { ...NODE };
			free.push(node);
		}
		node.cpu -= cpu;
		node.memory -= memory;
	}
	return free.length;
}

if (import.meta.main) {
	const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
	console.log(`seed ${seed}`);
	console.table(
		packing(10_000, seed).map(({ seed: _, ...row }) => ({ ...row, "× bound": Number((row.mostAllocated / row.bound).toFixed(3)) })),
	);
}
