import { distribution, type Figure, percentile, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { ASSUMPTIONS } from "../scheduler/agents-day.ts";
import { core } from "../scheduler/core.ts";
import { day } from "../scheduler/day.ts";
import { packing } from "../scheduler/packing.ts";
import { passes } from "../scheduler/pass.ts";
import { NODE, WORKLOADS } from "../scheduler/workloads.ts";

/** How fast the scheduler decides, how well it packs, and what a day of agents costs. Nothing but the core runs. */
export async function scheduler({ quick, seed, progress }: BenchContext): Promise<Figure[]> {
	return [
		...speed(quick, seed, progress),
		...looks(quick, seed, progress),
		...packed(quick, seed, progress),
		...dayOf(quick, seed, progress),
	];
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

/** What a dispatcher spends on those who wait, each time that anything happens. */
function looks(quick: boolean, seed: number, progress: BenchContext["progress"]): Figure[] {
	const [nodes, waiting] = quick ? [50, 100] : [5_000, 10_000];
	const cases = [
		{ who: "of 200 agents", waited: 0, alike: true },
		{ who: "of 200 agents, starving", waited: 120_000, alike: true },
		{ who: "who all differ", waited: 0, alike: false },
	];
	return cases.flatMap(({ who, ...given }) => {
		const { idle, busy, granted } = passes({ nodes, waiting, passes: quick ? 5 : 200, seed, ...given });
		progress(`looked through ${waiting} ${who}`);
		const what = `a look through ${waiting} ${who}, ${nodes} full nodes`;
		const note = `seed ${seed}; with the release and the lease of whoever gets the room: ${granted} times somebody did`;
		return [
			distribution({ what: `${what}, nothing changed`, unit: "ms", samples: idle }),
			distribution({ what: `${what}, one session leaves`, unit: "ms", samples: busy, note }),
		];
	});
}

function packed(quick: boolean, seed: number, progress: BenchContext["progress"]): Figure[] {
	const seeds = quick ? 1 : PACKING_SEEDS;
	const all = Array.from({ length: seeds }, (_, index) => packing(quick ? 500 : 10_000, seed + index)).flat();
	progress(`packed ${all.length} workloads, seeds ${seed} to ${seed + seeds - 1}`);
	return Object.entries(WORKLOADS).flatMap(([workload, about]) => {
		const rows = all.filter((row) => row.workload === workload);
		const n = rows.reduce((sum, { requests }) => sum + requests, 0);
		return PACKERS.map(({ by, how, isOurs }) => {
			const times = rows.map((row) => row[by] / row.bound);
			const within = times.filter((value) => value <= PACKING).length;
			const range = `${Math.min(...times).toFixed(4)} to ${Math.max(...times).toFixed(4)}, ${within} of ${seeds} within ${PACKING}`;
			const first = `with seed ${seed} ${rows[0]?.[by]} nodes, at least ${rows[0]?.bound}`;
			const note = `median of seeds ${seed} to ${seed + seeds - 1}: ${range}; ${first}; ${about}; nodes of ${NODE.cpu} cores and ${NODE.memory / 2 ** 30} GiB`;
			const what = `nodes used / lower bound, ${workload}, ${how}`;
			const atMost = isOurs && !quick ? PACKING : undefined;
			return single({ what, unit: "×", value: percentile(times, 50), n, note }, { atMost });
		});
	});
}

const PACKING = 1.05;
const PACKING_SEEDS = 20;
/** By the scheduler's default, which has the target, and by others for comparison. */
const PACKERS = [
	{ by: "mostAllocated", how: "requests one by one", isOurs: true },
	{ by: "atOnce", how: "requests all at once", isOurs: true },
	{ by: "firstFit", how: "first fit, one by one", isOurs: false },
	{ by: "leastAllocated", how: "least allocated, one by one", isOurs: false },
] as const;

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
