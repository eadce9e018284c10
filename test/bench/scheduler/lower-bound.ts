import { NODE, type Size } from "./workloads.ts";

/**
 * So many nodes at least, whoever packs. For each resource on its own it is Martello and Toth's bound L2 (Knapsack Problems,
 * 1990), of which the larger one counts; and what leaves room for nothing else in one resource takes a node of its own, with
 * all of the other resource in it.
 */
export function lowerBound(sizes: readonly Size[]): number {
	const parts = sizes.map((size): Part => ({ cpu: size.cpu / NODE.cpu, memory: size.memory / NODE.memory }));
	const leastCpu = Math.min(...parts.map(({ cpu }) => cpu));
	const leastMemory = Math.min(...parts.map(({ memory }) => memory));
	const stands = ({ cpu, memory }: Part) => cpu > 1 - leastCpu + HAIR || memory > 1 - leastMemory + HAIR;
	const others = parts.filter((part) => !stands(part));
	const [cpu, memory] = [others.map((part) => part.cpu), others.map((part) => part.memory)];
	return parts.length - others.length + Math.max(martelloToth(cpu), martelloToth(memory));
}

/** Of a whole node. */
interface Part {
	cpu: number;
	memory: number;
}

/** Sums of fractions may be a hair too large, and a bound must not be. */
const HAIR = 1e-6;

/**
 * For each threshold: items that leave less than it stand alone but for smaller ones, items over one half never share with
 * each other, and what is left beside those must hold the middling ones.
 * @param sizes parts of a node, from 0 to 1
 */
export function martelloToth(sizes: readonly number[]): number {
	const thresholds = new Set([0, ...sizes.filter((size) => size <= 0.5)]);
	return Math.max(...[...thresholds].map((threshold) => boundAt(sizes, threshold)));
}

function boundAt(sizes: readonly number[], threshold: number): number {
	let [alone, large, largeSum, middlingSum] = [0, 0, 0, 0];
	for (const size of sizes) {
		if (size > 1 - threshold + HAIR) alone += 1;
		else if (size > 0.5 + HAIR) {
			large += 1;
			largeSum += size;
		} else if (size >= threshold) middlingSum += size;
	}
	return alone + large + Math.max(0, Math.ceil(middlingSum - (large - largeSum) - HAIR));
}
