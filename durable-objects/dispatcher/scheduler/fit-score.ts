import { type Amount, CPU_UNIT } from "./amount.ts";
import { longer } from "./longer.ts";
import { BLOCK, BLOCK_BITS, type NodeTable } from "./node-table.ts";
import type { ResourceName, ScoringStrategy } from "./types.ts";

/** kube-scheduler's default resources of NodeResourcesFit. */
const DEFAULT_RESOURCES: readonly { name: ResourceName; weight: number }[] = [
	{ name: "cpu", weight: 1 },
	{ name: "memory", weight: 1 },
];

/**
 * How full a node would be, from 0 to 100, by Kubernetes' strategies. All but RequestedToCapacityRatio are linear in what is
 * used, so that the score of a node is a sum of products.
 */
export class FitScore {
	readonly #strategy: ScoringStrategy;
	readonly #weights: Readonly<Record<ResourceName, number>>;
	/** Percent of the node that its sessions use, weighted over resources. */
	#used = new Float64Array(16);
	/** What one unit of each resource adds to that. */
	#perCpu = new Float64Array(16);
	#perMemory = new Float64Array(16);
	#perStorage = new Float64Array(16);

	/** Of each block of nodes the figures of the best that it could have, for {@link bound}. */
	#blockUsed = new Float64Array(1);
	#blockPerCpu = new Float64Array(1);
	#blockPerMemory = new Float64Array(1);
	#blockPerStorage = new Float64Array(1);
	/** 1: something changed since the block was looked at. */
	#stale = new Uint8Array(1);

	constructor(strategy: ScoringStrategy) {
		this.#strategy = strategy;
		const weights = { cpu: 0, memory: 0, "ephemeral-storage": 0 };
		for (const { name, weight } of strategy.resources ?? DEFAULT_RESOURCES) weights[name] = weight;
		this.#weights = weights;
	}

	/** The node's capacity has changed. */
	put(number: number, table: NodeTable): void {
		this.#used = longer(this.#used, number);
		this.#perCpu = longer(this.#perCpu, number);
		this.#perMemory = longer(this.#perMemory, number);
		this.#perStorage = longer(this.#perStorage, number);
		const block = number >> BLOCK_BITS;
		this.#blockUsed = longer(this.#blockUsed, block);
		this.#blockPerCpu = longer(this.#blockPerCpu, block);
		this.#blockPerMemory = longer(this.#blockPerMemory, block);
		this.#blockPerStorage = longer(this.#blockPerStorage, block);
		this.#stale = longer(this.#stale, block);
		const capacity = table.nodes[number]?.capacity;
		if (!capacity) return;
		const { cpu, memory, "ephemeral-storage": storage } = this.#weights;
		const disk = capacity.ephemeralStorage ?? 0;
		// As in Kubernetes, a resource that the node does not have has no weight.
		const sum = cpu + memory + (disk > 0 ? storage : 0) || 1;
		this.#perCpu[number] = (100 * cpu) / (sum * capacity.cpu * CPU_UNIT);
		this.#perMemory[number] = (100 * memory) / (sum * capacity.memory);
		this.#perStorage[number] = disk > 0 ? (100 * storage) / (sum * disk) : 0;
		this.use(number, table);
	}

	/** What is used of the node has changed. */
	use(number: number, table: NodeTable): void {
		this.#used[number] =
			(table.cpuUsed[number] as number) * (this.#perCpu[number] as number) +
			(table.memoryUsed[number] as number) * (this.#perMemory[number] as number) +
			(table.storageUsed[number] as number) * (this.#perStorage[number] as number);
		this.#stale[number >> BLOCK_BITS] = 1;
	}

	/** No node of the block has a larger weight × score + constant; what it needs to know that of is brought up to date. */
	bound(block: number, { cpu, memory, storage }: Amount, weight: number, constant: number): number {
		if (this.#strategy.type === "RequestedToCapacityRatio") return Number.POSITIVE_INFINITY;
		if (this.#stale[block] === 1) this.#refresh(block);
		const [factor, base] = this.#factors(weight, constant);
		// The same sums in the same order as in `write`: rounding is monotonic, so the bound holds to the last bit.
		const percent =
			(this.#blockUsed[block] as number) +
			cpu * (this.#blockPerCpu[block] as number) +
			memory * (this.#blockPerMemory[block] as number) +
			storage * (this.#blockPerStorage[block] as number);
		return factor * percent + base;
	}

	/** Writes weight × score + constant of the first `count` nodes of `feasible` to `totals`. */
	write(
		totals: Float64Array,
		feasible: Int32Array,
		count: number,
		amount: Amount,
		table: NodeTable,
		weight: number,
		constant: number,
	): void {
		if (this.#strategy.type === "RequestedToCapacityRatio") {
			for (let at = 0; at < count; at++) totals[at] = weight * this.#shaped(feasible[at] as number, amount, table) + constant;
			return;
		}
		const [used, perCpu, perMemory, perStorage] = [this.#used, this.#perCpu, this.#perMemory, this.#perStorage];
		const { cpu, memory, storage } = amount;
		const [factor, base] = this.#factors(weight, constant);
		for (let at = 0; at < count; at++) {
			const number = feasible[at] as number;
			const percent =
				(used[number] as number) +
				cpu * (perCpu[number] as number) +
				memory * (perMemory[number] as number) +
				storage * (perStorage[number] as number);
			totals[at] = factor * percent + base;
		}
	}

	/** Of the percentage in use. */
	#factors(weight: number, constant: number): [factor: number, base: number] {
		return this.#strategy.type === "MostAllocated" ? [weight, constant] : [-weight, constant + 100 * weight];
	}

	#refresh(block: number): void {
		this.#stale[block] = 0;
		const from = block * BLOCK;
		const best = this.#strategy.type === "MostAllocated" ? most : least;
		this.#blockUsed[block] = best(this.#used, from);
		this.#blockPerCpu[block] = best(this.#perCpu, from);
		this.#blockPerMemory[block] = best(this.#perMemory, from);
		this.#blockPerStorage[block] = best(this.#perStorage, from);
	}

	#shaped(number: number, { cpu, memory, storage }: Amount, table: NodeTable): number {
		if (this.#strategy.type !== "RequestedToCapacityRatio") return 0;
		const { shape } = this.#strategy;
		const capacity = table.nodes[number]?.capacity;
		if (!capacity) return 0;
		const disk = capacity.ephemeralStorage ?? 0;
		const percents = {
			cpu: (100 * ((table.cpuUsed[number] as number) + cpu)) / (capacity.cpu * CPU_UNIT),
			memory: (100 * ((table.memoryUsed[number] as number) + memory)) / capacity.memory,
			"ephemeral-storage": disk > 0 ? (100 * ((table.storageUsed[number] as number) + storage)) / disk : 0,
		};
		return shapedScore(shape, percents, { ...this.#weights, ...(disk === 0 && { "ephemeral-storage": 0 }) });
	}
}

function most(of: Float64Array, from: number): number {
	let most = 0;
	const to = Math.min(from + BLOCK, of.length);
	for (let number = from; number < to; number++) most = Math.max(most, of[number] as number);
	return most;
}

/** Places that no node has had yet are 0, which is a bound too. */
function least(of: Float64Array, from: number): number {
	let least = Number.POSITIVE_INFINITY;
	const to = Math.min(from + BLOCK, of.length);
	for (let number = from; number < to; number++) least = Math.min(least, of[number] as number);
	return least;
}

/**
 * RequestedToCapacityRatio, from 0 to 100: the weighted mean of what the shape makes of each resource's utilization, as
 * Kubernetes documents it, but not rounded to whole numbers, which would make ties of what can be told apart.
 */
export function shapedScore(
	shape: readonly { utilization: number; score: number }[],
	percents: Readonly<Record<ResourceName, number>>,
	weights: Readonly<Record<ResourceName, number>>,
): number {
	let [score, sum] = [0, 0];
	for (const name of ["cpu", "memory", "ephemeral-storage"] as const) {
		const weight = weights[name];
		if (weight === 0) continue;
		score += weight * onShape(shape, percents[name]);
		sum += weight;
	}
	return sum === 0 ? 0 : score / sum;
}

/** Between the points of a shape it is linear, beyond them constant. Points score from 0 to 10, the answer from 0 to 100. */
export function onShape(shape: readonly { utilization: number; score: number }[], percent: number): number {
	let before: { utilization: number; score: number } | undefined;
	for (const point of shape) {
		if (percent <= point.utilization) {
			if (!before) return 10 * point.score;
			const part = (percent - before.utilization) / (point.utilization - before.utilization);
			return 10 * (before.score + part * (point.score - before.score));
		}
		before = point;
	}
	return 10 * (before?.score ?? 0);
}
