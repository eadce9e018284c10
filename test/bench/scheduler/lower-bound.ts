import { NODE, type Size } from "./workloads.ts";

/**
 * So many nodes at least, whoever packs. A packing of two resources is one of each on its own, so that the larger of their
 * bounds holds: each is Martello and Toth's L2 (Lower bounds and reduction procedures for the bin packing problem, Discrete
 * Applied Mathematics 28, 1990), which is never less than the sum of what is asked for. And what leaves less than the smallest
 * request asks for of some resource has a node to itself, with all of its other resource.
 *
 * There is little left to prove. Every bound that gives each request a weight, so that no node holds more than 1 (dual feasible
 * functions, of one resource or of both), is at most the linear relaxation over all ways to fill a node. For the heavy-tailed
 * workload with seed 1, rounded down to 40m and 128Mi so that it can be solved by column generation, that is below 633, and
 * this bound of the same is 633.
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
 * For each threshold: items that leave less than it share with none that is as large as it, items over one half never share with
 * each other, and what is left beside those must hold the middling ones, which are at least as large as the threshold.
 *
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
