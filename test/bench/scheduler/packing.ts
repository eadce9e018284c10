import { DEFAULT_CONFIG } from "../../../durable-objects/dispatcher/scheduler/config.ts";
import { growth } from "../../../durable-objects/dispatcher/scheduler/pool.ts";
import { drain, order } from "../../../durable-objects/dispatcher/scheduler/queue.ts";
import { Scheduler } from "../../../durable-objects/dispatcher/scheduler/scheduler.ts";
import { sizeClass } from "../../../durable-objects/dispatcher/scheduler/size-class.ts";
import type { SchedulerNode } from "../../../durable-objects/dispatcher/scheduler/types.ts";
import type { LeaseRequest } from "../../../durable-objects/ports.ts";
import { percentile } from "../figure.ts";
import { lowerBound } from "./lower-bound.ts";
import { NODE, type Size, WORKLOADS, type WorkloadName, workload } from "./workloads.ts";

export interface Packing {
	workload: WorkloadName;
	requests: number;
	seed: number;
	/** So many nodes at least, whoever packs. */
	bound: number;
	/** Nodes used when requests come one by one: by the scheduler's own default, by first fit, and by least allocated. */
	mostAllocated: number;
	firstFit: number;
	leastAllocated: number;
	/** Nodes used by the scheduler's own default when all of them wait at once. */
	atOnce: number;
}

/** Requests stay; a node is started only when a request fits none. */
export function packing(count: number, seed: number): Packing[] {
	return (Object.keys(WORKLOADS) as WorkloadName[]).map((name) => {
		const sizes = workload(name, count, seed);
		return {
			...{ workload: name, requests: count, seed, bound: lowerBound(sizes) },
			mostAllocated: byScheduler(sizes, "MostAllocated"),
			firstFit: byFirstFit(sizes),
			leastAllocated: byScheduler(sizes, "LeastAllocated"),
			atOnce: byQueue(sizes),
		};
	});
}

function byScheduler(sizes: readonly Size[], type: "MostAllocated" | "LeastAllocated"): number {
	const scheduler = new Scheduler({ ...DEFAULT_CONFIG, scoringStrategy: { type } });
	let nodes = 0;
	for (const [index, requests] of sizes.entries()) {
		const request = requestOf(requests, index);
		let node = scheduler.pick(request);
		if (node === undefined) {
			node = `n${String(++nodes).padStart(6, "0")}`;
			scheduler.setNode({ ...template(sizes.length), name: node });
		}
		scheduler.place({ request, node });
	}
	return nodes;
}

/**
 * The pool starts the nodes that it would start for this queue, and the queue is served; again, while somebody waits: on nodes
 * that are all there, ties are broken otherwise than while they are counted, and a few of thousands may be left.
 */
function byQueue(sizes: readonly Size[]): number {
	let waiting = sizes.map((requests, index) => ({ request: requestOf(requests, index), since: 0 }));
	const limits = { starting: 0, existing: 0, max: Number.POSITIVE_INFINITY, maxStarting: Number.POSITIVE_INFINITY };
	const scheduler = new Scheduler(DEFAULT_CONFIG);
	let nodes = 0;
	while (waiting.length > 0) {
		const inOrder = order(waiting, { dominantShare: () => 0, sizeClass: (request) => sizeClass(request, NODE) });
		const more = growth({ waiting: inOrder.map(({ request }) => request), template: template(sizes.length), ...limits });
		if (more === 0) throw new Error(`${waiting.length} requests wait, and no node is started for them.`);
		for (const last = nodes + more; nodes < last; ) scheduler.setNode({ ...template(sizes.length), name: `new-${++nodes}` });
		const served = new Set(drain(scheduler, waiting, 0).grants.map(({ request }) => request.session));
		waiting = waiting.filter(({ request }) => !served.has(request.session));
	}
	return nodes;
}

function requestOf(requests: Size, index: number): LeaseRequest {
	return { session: `bench/s${index}`, namespace: "bench", requests, nodeSelector: {} };
}

function template(slots: number): SchedulerNode {
	const capacity = { ...NODE, slots };
	return { name: "", incarnation: 1, ready: true, unschedulable: false, capacity, labels: {}, taints: [] };
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
	const [first = Date.now() % 1_000_000, seeds = 1] = process.argv.slice(2).map(Number);
	console.log(`seeds ${first} to ${first + seeds - 1}`);
	const all = Array.from({ length: seeds }, (_, index) => packing(10_000, first + index)).flat();
	for (const name of Object.keys(WORKLOADS)) {
		const rows = all.filter(({ workload }) => workload === name);
		console.log(name);
		console.table(
			(["mostAllocated", "firstFit", "leastAllocated", "atOnce"] as const).map((by) => {
				const times = rows.map((row) => row[by] / row.bound);
				const [least, p50, most] = [Math.min(...times), percentile(times, 50), Math.max(...times)].map((value) => value.toFixed(4));
				return {
					by,
					nodes: rows[0]?.[by],
					bound: rows[0]?.bound,
					least,
					p50,
					most,
					"within 1.05": times.filter((value) => value <= 1.05).length,
				};
			}),
		);
	}
}
