import { type Figure, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { ASSUMPTIONS } from "../scheduler/agents-day.ts";
import { core } from "../scheduler/core.ts";
import { day } from "../scheduler/day.ts";
import { packing } from "../scheduler/packing.ts";
import { NODE, WORKLOADS } from "../scheduler/workloads.ts";

/** How fast the scheduler decides, how well it packs, and what a day of agents costs. Nothing but the core runs. */
export async function scheduler({ quick, seed, progress }: BenchContext): Promise<Figure[]> {
	return [...speed(quick, seed, progress), ...packed(quick, seed, progress), ...dayOf(quick, seed, progress)];
}

function speed(quick: boolean, seed: number, progress: BenchContext["progress"]): Figure[] {
	const limits = [
		{ nodes: 1_000, atLeast: 50_000, p99: undefined },
		{ nodes: 5_000, atLeast: 20_000, p99: 1 },
	];
	return limits.flatMap(({ nodes, atLeast, p99 }) => {
		const figures = core(nodes, quick ? 2_000 : 50_000, seed);
		progress(`${figures.decisions} decisions among ${nodes} nodes`);
		const note = `seed ${seed}; p50 of one decision ${figures.p50.toFixed(4)} ms; ${figures.placed} found a node; of 20 requests 14 plain, 2 with a selector, 2 with a toleration, 1 with a preferred node affinity, 1 with a preferred anti-affinity`;
		const n = figures.decisions;
		return [
			single({ what: `placements a second, ${nodes} nodes`, unit: "/s", value: figures.perSecond, n, note }, { atLeast }),
			single({ what: `one decision, ${nodes} nodes, p99`, unit: "ms", value: figures.p99, n }, { atMost: p99 }),
		];
	});
}

function packed(quick: boolean, seed: number, progress: BenchContext["progress"]): Figure[] {
	return packing(quick ? 500 : 10_000, seed).map(({ workload, requests, bound, mostAllocated, firstFit, leastAllocated }) => {
		progress(`packed ${workload}`);
		const counts = `nodes used: most allocated ${mostAllocated}, first fit ${firstFit}, least allocated ${leastAllocated}, at least ${bound}`;
		const note = `seed ${seed}; ${counts}; ${WORKLOADS[workload]}; nodes of ${NODE.cpu} cores and ${NODE.memory / 2 ** 30} GiB; requests one by one`;
		const what = `nodes used / lower bound, ${workload}`;
		return single({ what, unit: "×", value: mostAllocated / bound, n: requests, note }, { atMost: quick ? undefined : 1.05 });
	});
}

function dayOf(quick: boolean, seed: number, progress: BenchContext["progress"]): Figure[] {
	const { agents, needs, nodeHours, perAgentHours, perAgentAsleepHours, peakNodes, starts } = day(quick ? 100 : 1_000, seed);
	progress(`a day of ${agents} agents`);
	const about = { unit: "node-hours", n: needs };
	const note = `seed ${seed}; at most ${peakNodes} nodes at once, ${starts} starts; ${ASSUMPTIONS}`;
	return [
		single({ what: `a day of ${agents} agents, lease on first need`, value: nodeHours, note, ...about }),
		single({ what: `a day of ${agents} agents, a machine each`, value: perAgentHours, ...about }),
		single({ what: `a day of ${agents} agents, a machine each that sleeps`, value: perAgentAsleepHours, ...about }),
	];
}
