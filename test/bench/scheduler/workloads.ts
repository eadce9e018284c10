import { randomNumbers } from "./random.ts";

/** Cores and bytes. */
export interface Size {
	cpu: number;
	memory: number;
}

export const GI = 2 ** 30;
const MI = 2 ** 20;
/** The node of every workload: Cloudflare's largest container, standard-4. */
export const NODE: Size = { cpu: 4, memory: 12 * GI };

export type WorkloadName = "uniform" | "bimodal" | "heavy-tailed";

/** What a workload is, for the reader of its figures. */
export const WORKLOADS: Readonly<Record<WorkloadName, string>> = {
	uniform: "cpu 50m to 1 and memory 128Mi to 3Gi, independently",
	bimodal: "four of five are small (cpu 100m to 300m, memory 256Mi to 768Mi), one is large (cpu 1 to 2, memory 3Gi to 6Gi)",
	"heavy-tailed": "Pareto with exponent 1.5 from cpu 100m and memory 256Mi up to a whole node, cpu and memory half correlated",
};

/** As requests come in practice: cpu in steps of 10m, memory in steps of 16Mi. */
export function workload(name: WorkloadName, count: number, seed: number): Size[] {
	const random = randomNumbers(seed);
	return Array.from({ length: count }, () => stepped(SIZES[name](random)));
}

const SIZES: Readonly<Record<WorkloadName, (random: () => number) => Size>> = {
	uniform: (random) => ({ cpu: between(random, 0.05, 1), memory: between(random, 128 * MI, 3 * GI) }),
	bimodal: (random) =>
		random() < 0.8
			? { cpu: between(random, 0.1, 0.3), memory: between(random, 256 * MI, 768 * MI) }
			: { cpu: between(random, 1, 2), memory: between(random, 3 * GI, 6 * GI) },
	"heavy-tailed": (random) => {
		const shared = random();
		const own = random();
		return { cpu: pareto(0.1, shared), memory: 2.56 * GI * pareto(0.1, random() < 0.5 ? shared : own) };
	},
};

function between(random: () => number, least: number, most: number): number {
	return least + random() * (most - least);
}

function pareto(least: number, uniform: number): number {
	return least / (1 - uniform) ** (1 / 1.5);
}

function stepped({ cpu, memory }: Size): Size {
	return {
		cpu: Math.min(Math.max(Math.round(cpu * 100), 1) / 100, NODE.cpu),
		memory: Math.min(Math.max(Math.round(memory / (16 * MI)), 1) * 16 * MI, NODE.memory),
	};
}
