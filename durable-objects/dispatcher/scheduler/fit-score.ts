import { type Amount, CPU_UNIT } from "./amount.ts";
import { longer } from "./longer.ts";
import type { NodeTable } from "./node-table.ts";
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
	used = new Float64Array(16);
	/** What one unit of each resource adds to that. */
	perCpu = new Float64Array(16);
	perMemory = new Float64Array(16);
	perStorage = new Float64Array(16);

	/** The score follows from the percentage in use by {@link factors}. */
	readonly isLinear: boolean;

	constructor(strategy: ScoringStrategy) {
		this.isLinear = strategy.type !== "RequestedToCapacityRatio";
		this.#strategy = strategy;
		const weights = { cpu: 0, memory: 0, "ephemeral-storage": 0 };
		for (const { name, weight } of strategy.resources ?? DEFAULT_RESOURCES) weights[name] = weight;
		this.#weights = weights;
	}

	/** The node's capacity has changed. */
	put(number: number, table: NodeTable): void {
		this.used = longer(this.used, number);
		this.perCpu = longer(this.perCpu, number);
		this.perMemory = longer(this.perMemory, number);
		this.perStorage = longer(this.perStorage, number);
		const capacity = table.nodes[number]?.capacity;
		if (!capacity) return;
		const { cpu, memory, "ephemeral-storage": storage } = this.#weights;
		const disk = capacity.ephemeralStorage ?? 0;
		// As in Kubernetes, a resource that the node does not have has no weight.
		const sum = cpu + memory + (disk > 0 ? storage : 0) || 1;
		this.perCpu[number] = (100 * cpu) / (sum * capacity.cpu * CPU_UNIT);
		this.perMemory[number] = (100 * memory) / (sum * capacity.memory);
		this.perStorage[number] = disk > 0 ? (100 * storage) / (sum * disk) : 0;
		this.use(number, table);
	}

	/** What is used of the node has changed. */
	use(number: number, table: NodeTable): void {
		this.used[number] =
			(table.cpuUsed[number] as number) * (this.perCpu[number] as number) +
			(table.memoryUsed[number] as number) * (this.perMemory[number] as number) +
			(table.storageUsed[number] as number) * (this.perStorage[number] as number);
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
		const [used, perCpu, perMemory, perStorage] = [this.used, this.perCpu, this.perMemory, this.perStorage];
		const { cpu, memory, storage } = amount;
		const [factor, base] = this.factors(weight, constant);
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

	/** Of the percentage in use: weight × score + constant is factor × percentage + base. */
	factors(weight: number, constant: number): [factor: number, base: number] {
		return this.#strategy.type === "MostAllocated" ? [weight, constant] : [-weight, constant + 100 * weight];
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
