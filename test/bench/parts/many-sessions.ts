import { type Json, until } from "../../e2e/klaw-process.ts";
import { Cluster } from "../cluster.ts";
import { distribution, type Figure, single } from "../figure.ts";
import type { BenchContext } from "../part.ts";

const STEPS = 3;
const PATIENCE_MS = 120_000;

/** Many sessions at once through one node: while most of them wait for room, and while all of them have it. */
export async function manySessions(context: BenchContext): Promise<Figure[]> {
	const sessions = context.quick ? 20 : 200;
	const queued = await throughOneNode(context, sessions, "that queue for room", []);
	const capacity = `cpu=${sessions},memory=${sessions}Gi,slots=${sessions}`;
	const together = await throughOneNode(context, sessions, "all with room", ["--node-capacity", capacity]);
	return [...queued, ...together];
}

async function throughOneNode({ progress }: BenchContext, sessions: number, how: string, args: string[]): Promise<Figure[]> {
	return Cluster.with(async (cluster) => {
		const calls = [{ name: "bash", arguments: JSON.stringify({ command: "echo step {step}; sleep 0.1" }) }];
		await cluster.servers.add("many", { steps: STEPS, calls });
		const names = Array.from({ length: sessions }, (_, n) => `many-${n}`);
		const begunAt = Date.now();
		await Promise.all(names.map((name) => cluster.createTask(name, "many")));
		let tasks: Json[] = [];
		await until(async () => {
			tasks = await cluster.tasks();
			return tasks.every(({ status }) => ["Succeeded", "Failed", "Cancelled"].includes(status?.phase));
		}, PATIENCE_MS);
		const succeeded = tasks.filter(({ status }) => status.phase === "Succeeded");
		const ends = succeeded.map(({ status }) => (Date.parse(status.completionTime) - begunAt) / 1000);
		progress(`${succeeded.length} of ${sessions} sessions ${how} have finished`);
		const usage = await cluster.workerdUsage();
		const what = `${sessions} sessions ${how}`;
		return [
			single({ what: `${what}: finished`, unit: "sessions", value: succeeded.length, n: sessions }, { atLeast: sessions }),
			distribution({
				what: `${what}: until done`,
				unit: "s",
				samples: ends,
				note: `first after ${Math.min(...ends)} s, last after ${Math.max(...ends)} s; ${STEPS} commands of 0.1 s each`,
			}),
			...(usage ? [single({ what: `${what}: peak of workerd`, unit: "MB", value: usage.peakMegabytes, n: 1 }, { below: 1_000 })] : []),
		];
	}, args);
}
