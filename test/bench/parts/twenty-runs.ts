import { Cluster } from "../cluster.ts";
import { type Figure, percentile, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";
import { webPlan } from "./steps.ts";

const RUNS = 20;

/** Twenty runs of fifty steps at once. */
export async function twentyRuns({ quick, progress }: BenchContext): Promise<Figure[]> {
	const rounds = quick ? 1 : 8;
	return Cluster.with(async (cluster) => {
		const rates: number[] = [];
		// The first round is for warming up.
		for (let round = 0; round <= rounds; round++) {
			const names = Array.from({ length: RUNS }, (_, n) => `many-${round}-${n}`);
			for (const name of names) await cluster.createSession(name);
			await Promise.all(names.map((name) => cluster.run(name, name, webPlan(cluster))));
			const arrivals = (await Promise.all(names.map((name) => cluster.servers.arrivals(name)))).flat();
			const seconds = (Math.max(...arrivals) - Math.min(...arrivals)) / 1000;
			// A run of fifty steps asks the model once more for its answer.
			if (round > 0) rates.push((arrivals.length - RUNS) / seconds);
		}
		progress(`${rounds} rounds of ${RUNS} runs`);
		const note = "median of the rounds; from the first model request to the last";
		return [single({ what: `${RUNS} runs at once`, unit: "steps/s", value: percentile(rates, 50), n: rounds, note }, { atLeast: 220 })];
	});
}
