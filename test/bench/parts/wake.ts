import { Cluster } from "../cluster.ts";
import { distribution, type Figure } from "../figure.ts";
import { monotonicMs } from "../monotonic.ts";
import type { BenchContext } from "../part.ts";

const EVENTS = 1_000;
/** model.completed, tools.started and tool.completed each. */
const STEPS = Math.ceil(EVENTS / 3);

/** A message to a session of 1,000 events that is not in memory, until the model gets its first request. */
export async function wake({ quick, progress }: BenchContext): Promise<Figure[]> {
	const sessions = quick ? 2 : 20;
	const rounds = quick ? 1 : 3;
	return Cluster.with(async (cluster) => {
		const { servers, klaw } = cluster;
		const fetchPage = [{ name: "web_fetch", arguments: JSON.stringify({ url: servers.page() }) }];
		const names = Array.from({ length: sessions }, (_, n) => `wake-${n}`);
		for (const name of [...names, "warm-up"]) await cluster.createSession(name);
		await Promise.all(names.map((name) => cluster.run(name, `fill-${name}`, { steps: STEPS, calls: fetchPage })));
		progress(`${sessions} sessions of ${EVENTS} events`);
		const times: number[] = [];
		for (let round = 0; round < rounds; round++) {
			// A restart evicts every session. What is measured is a session's waking, not the Worker's.
			await klaw.stop();
			await klaw.start();
			for (let n = 0; n < 5; n++) await cluster.run("warm-up", `warm-${round}-${n}`, { steps: 0, calls: [] });
			for (const name of names) {
				const plan = `${name}-${round}`;
				await servers.add(plan, { steps: 0, calls: [] });
				const sentAt = monotonicMs();
				const [run, arrivedAt] = await Promise.all([cluster.send(name, plan), servers.arrivalAfter(plan, sentAt)]);
				times.push(arrivedAt - sentAt);
				await cluster.runEvents(name, run);
			}
			progress(`woken ${times.length} times`);
		}
		const count = (await cluster.journal(names[0] ?? "")).length;
		if (count < EVENTS) throw new Error(`The sessions that were woken have ${count} events, not ${EVENTS}.`);
		const note = "from sending POST …/messages to the model's first request, sessions evicted by a restart, the Worker warm";
		return [distribution({ what: `wake of a session of ${EVENTS} events`, unit: "ms", samples: times, note }, { p95: 50 })];
	});
}
