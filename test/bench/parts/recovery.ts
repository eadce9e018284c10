import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lines } from "../../e2e/klaw-process.ts";
import { seededRandom } from "../../fakes/random.ts";
import { Cluster } from "../cluster.ts";
import { distribution, type Figure, single } from "../figure.ts";
import { monotonicMs } from "../monotonic.ts";
import type { BenchContext } from "../part.ts";

const STEPS = 60;
const POLL_MS = 5;
const PATIENCE_MS = 60_000;

interface Run {
	id: string;
	/** Of the session and of the plan. */
	name: string;
}

/** `kill -9` of klaw up, workerd and the node in the middle of a run; a restart; and when the run goes on. */
export async function recovery({ quick, seed, progress }: BenchContext): Promise<Figure[]> {
	const kills = quick ? 3 : 25;
	const random = seededRandom(seed);
	return Cluster.with(async (cluster) => {
		const effects = join(cluster.klaw.dir, "effects");
		const healthy: number[] = [];
		const ready: number[] = [];
		const runs: Run[] = [];
		for (let killed = 0; killed < kills; ) {
			const run = runs.at(-1);
			if (!run || (await isOver(cluster, run))) {
				runs.push(await startRun(cluster, `kills-${runs.length}`, effects));
				continue;
			}
			await sleep(100 + random() * 1_500);
			if (await isOver(cluster, run)) continue;
			await cluster.klaw.kill();
			killed += 1;
			const { healthyAt, readyAt, effectAt } = await restart(cluster, run, effects);
			healthy.push(Math.max(0, effectAt - healthyAt) / 1000);
			ready.push(Math.max(0, effectAt - readyAt) / 1000);
			progress(`kill ${killed} of ${kills}: the run went on ${healthy.at(-1)?.toFixed(2)} s after /healthz was ok`);
		}
		for (const run of runs) await cluster.runEvents(run.name, run.id);
		const expected = runs.flatMap(({ name }) => Array.from({ length: STEPS }, (_, step) => `end ${name} ${step + 1}`));
		const done = (await lines(effects)).filter((line) => line.startsWith("end "));
		const lost = expected.filter((line) => !done.includes(line)).length;
		const note = `seed ${seed}; until the next model request or command`;
		return [
			distribution(
				{
					what: "recovery, from /healthz ok",
					unit: "s",
					samples: healthy,
					note: `${note}; /healthz is ok before klaw says that it is ready`,
				},
				{ p95: 5 },
			),
			distribution({ what: "recovery, from the line klaw ready", unit: "s", samples: ready, note }, { p95: 5 }),
			single({ what: "commands lost by kills", unit: "commands", value: lost, n: expected.length }, { atMost: 0 }),
			single({ what: "commands done twice", unit: "commands", value: done.length - new Set(done).size, n: expected.length }, { atMost: 0 }),
		];
	});
}

/** Each step is a command that leaves its mark and a page, so that kills meet a node, the Worker and the model. */
async function startRun(cluster: Cluster, name: string, effects: string): Promise<Run> {
	const command = `echo "begin ${name} {step}" >> ${effects}; sleep 0.05; echo "end ${name} {step}" >> ${effects}`;
	const calls = [
		{ name: "bash", arguments: JSON.stringify({ command }) },
		{ name: "web_fetch", arguments: JSON.stringify({ url: cluster.servers.page() }) },
	];
	await cluster.servers.add(name, { steps: STEPS, calls, delayMs: 5 });
	await cluster.createSession(name);
	return { name, id: await cluster.send(name, name) };
}

async function isOver(cluster: Cluster, { name }: Run): Promise<boolean> {
	return (await cluster.servers.finished(name, 0)) > 0;
}

/** Moments of `monotonicMs`. A command that outlived the kill is no effect of the recovered run; one that begins is. */
async function restart(cluster: Cluster, { name }: Run, effects: string) {
	const killedAt = monotonicMs();
	const before = await begun(effects);
	const over = new AbortController();
	const command = (async () => {
		while (!over.signal.aborted && (await begun(effects)) === before) await sleep(POLL_MS);
		return monotonicMs();
	})();
	const effect = Promise.race([
		cluster.servers.arrivalAfter(name, killedAt),
		command,
		sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
			throw new Error(`A run did not go on within ${PATIENCE_MS / 1000} s after a kill.`);
		}),
	]);
	const health = healthyAt(cluster.klaw.url);
	await cluster.klaw.start();
	const readyAt = monotonicMs();
	const effectAt = await effect;
	over.abort();
	return { healthyAt: await health, readyAt, effectAt };
}

async function begun(effects: string): Promise<number> {
	return (await lines(effects)).filter((line) => line.startsWith("begin ")).length;
}

async function healthyAt(url: string): Promise<number> {
	for (;;) {
		const ok = await fetch(`${url}/healthz`).then(
			(response) => response.ok,
			() => false,
		);
		if (ok) return monotonicMs();
		await sleep(POLL_MS);
	}
}
