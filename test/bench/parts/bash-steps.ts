import type { Json } from "../../e2e/klaw-process.ts";
import { Cluster } from "../cluster.ts";
import { distribution, type Figure, intervals } from "../figure.ts";
import type { BenchContext } from "../part.ts";

const STEPS = 50;

/** A step whose tool is bash `true` on the local node. */
export async function bashSteps({ quick, progress }: BenchContext): Promise<Figure[]> {
	const runs = quick ? 2 : 20;
	return Cluster.with(async (cluster) => {
		const times: number[] = [];
		const trips: number[] = [];
		const plan = { steps: STEPS, calls: [{ name: "bash", arguments: JSON.stringify({ command: "true" }) }] };
		const warmUps = quick ? 1 : 3;
		for (let n = 1 - warmUps; n <= runs; n++) {
			const name = `bash-${n}`;
			await cluster.createSession(name);
			const events = await cluster.run(name, name, plan);
			if (n < 1) continue;
			// The first step waits for a lease.
			times.push(...intervals(await cluster.servers.arrivals(name)).slice(1));
			trips.push(...roundTrips(events).slice(1));
			if (n % 10 === 0) progress(`${n} of ${runs} runs of ${STEPS} bash steps`);
		}
		return [
			distribution({ what: "step: model call + bash true", unit: "ms", samples: times }, { p50: 15, p95: 40 }),
			distribution({
				what: "node round trip of bash true",
				unit: "ms",
				samples: trips,
				note: "from tools.started to tool.completed in the journal, whole milliseconds",
			}),
		];
	});
}

function roundTrips(events: Json[]): number[] {
	const started = events.filter(({ event }) => event.type === "tools.started");
	const completed = events.filter(({ event }) => event.type === "tool.completed");
	return completed.map(({ at }, index) => at - started[index].at);
}
