import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Klaw, lines } from "../e2e/klaw-process.ts";
import { seededRandom } from "../fakes/random.ts";

const COMMANDS = 8;

/** Guarantee 3: everything is killed with SIGKILL so many times, while tasks run, and started again. */
export function killedAtRandomMoments(times: number): void {
	it(`no external effect is lost or happens twice, whenever everything is killed (${times} times)`, async () => {
		const dir = await mkdtemp(join(tmpdir(), "klaw-effects-"));
		onTestFinished(() => rm(dir, { recursive: true, force: true }));
		const effects = join(dir, "effects");
		const klaw = await Klaw.start();
		onTestFinished(() => klaw.remove());
		const seed = Number(process.env.KLAW_SEED ?? Date.now() % 1_000_000);
		console.log(`seed ${seed} (repeat with KLAW_SEED=${seed})`);
		const random = seededRandom(seed);
		const tasks: string[] = [];
		let kills = 0;
		while (kills < times) {
			const name = `chaos-${tasks.length}`;
			tasks.push(name);
			const prompt = Array.from({ length: COMMANDS }, (_, n) => `$ sleep 0.2; echo ${name}-${n} >> ${effects}; sleep 0.2`).join("\n");
			const created = await klaw.api("POST", "/apis/klaw.sh/v1/namespaces/default/tasks", { metadata: { name }, spec: { prompt } });
			expect(created.status).toBe(201);
			for (let running = true; running && kills < times; ) {
				await new Promise((resolve) => setTimeout(resolve, random() * 1_200));
				await klaw.kill();
				kills += 1;
				await klaw.start();
				const { body } = await klaw.api("GET", `/apis/klaw.sh/v1/namespaces/default/tasks/${name}`);
				running = body.status?.phase !== "Succeeded";
			}
		}
		for (const name of tasks) expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded" });
		const expected = tasks.flatMap((name) => Array.from({ length: COMMANDS }, (_, n) => `${name}-${n}`));
		expect(await lines(effects)).toEqual(expected);
		console.log(`${kills} kills over ${tasks.length} tasks of ${COMMANDS} commands`);
	}, 400_000);
}
