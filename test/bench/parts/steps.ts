import { Cluster } from "../cluster.ts";
import { distribution, type Figure, intervals, percentile, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";

const STEPS = 50;

/** A step: one model call over HTTP and one tool that makes an HTTP request. */
export async function steps({ quick, progress }: BenchContext): Promise<Figure[]> {
	const runs = quick ? 2 : 30;
	return Cluster.with(async (cluster) => {
		const times: number[] = [];
		const growth: number[] = [];
		let rows = 0;
		let before = await cluster.workerdUsage();
		const plan = webPlan(cluster);
		// Nothing is warm in the first runs: the SDK is imported, code is compiled, connections are opened.
		const warmUps = quick ? 1 : 5;
		for (let n = 1 - warmUps; n <= runs; n++) {
			const name = `steps-${n}`;
			if (n === 1) before = await cluster.workerdUsage();
			await cluster.createSession(name);
			const events = await cluster.run(name, name, plan);
			if (n < 1) continue;
			const taken = intervals(await cluster.servers.arrivals(name));
			if (taken.length !== STEPS) throw new Error(`A run of ${STEPS} steps made ${taken.length + 1} model calls.`);
			times.push(...taken);
			growth.push(percentile(taken.slice(-10), 50) / percentile(taken.slice(0, 10), 50));
			rows = Math.max(rows, events.length / STEPS);
			if (n % 10 === 0) progress(`${n} of ${runs} runs of ${STEPS} steps`);
		}
		const after = await cluster.workerdUsage();
		return [
			distribution(
				{
					what: "step: model call + web_fetch",
					unit: "ms",
					samples: times,
					note: "between the arrivals of successive model requests; warm",
				},
				{ p50: 5 },
			),
			single(
				{
					what: "rows written a step",
					unit: "rows",
					value: rows,
					n: runs,
					note: "events of the whole run / its steps; the alarm adds at most one row a second",
				},
				{ atMost: 4 },
			),
			single(
				{
					what: "last ten steps / first ten",
					unit: "×",
					value: percentile(growth, 50),
					n: runs,
					note: "median of the runs' ratios of medians; 1.15 is noise",
				},
				{ atMost: 1.15 },
			),
			...(before && after
				? [single({ what: "processor time of workerd a step", unit: "ms", value: (after.cpuMs - before.cpuMs) / times.length, n: runs })]
				: []),
		];
	});
}

/** Fifty steps that fetch a small page of a local server. */
export function webPlan(cluster: Cluster) {
	return { steps: STEPS, calls: [{ name: "web_fetch", arguments: JSON.stringify({ url: cluster.servers.page() }) }] };
}
