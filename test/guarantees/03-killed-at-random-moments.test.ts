import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Klaw, lines } from "../e2e/klaw-process.ts";
import { seededRandom } from "../fakes/random.ts";

/** At least this many times everything is killed with SIGKILL and started again. */
const KILLS = 20;
const COMMANDS = 8;

let klaw: Klaw;
let effects: string;

beforeAll(async () => {
	effects = join(await mkdtemp(join(tmpdir(), "klaw-effects-")), "effects");
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

it("no external effect is lost or happens twice, whenever everything is killed", async () => {
	const seed = Number(process.env.KLAW_SEED ?? Date.now() % 1_000_000);
	console.log(`seed ${seed} (repeat with KLAW_SEED=${seed})`);
	const random = seededRandom(seed);
	const tasks: string[] = [];
	let kills = 0;
	while (kills < KILLS) {
		const name = `chaos-${tasks.length}`;
		tasks.push(name);
		const prompt = Array.from({ length: COMMANDS }, (_, n) => `$ sleep 0.2; echo ${name}-${n} >> ${effects}; sleep 0.2`).join("\n");
		const created = await klaw.api("POST", "/apis/klaw.sh/v1/namespaces/default/tasks", { metadata: { name }, spec: { prompt } });
		expect(created.status).toBe(201);
		for (let running = true; running && kills < KILLS; ) {
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
