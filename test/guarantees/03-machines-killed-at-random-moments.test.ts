import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { JoinedMachine } from "../e2e/joined-machine.ts";
import { Klaw, lines, until } from "../e2e/klaw-process.ts";
import { journal } from "../e2e/session-events.ts";
import { seededRandom } from "../fakes/random.ts";

/** At least this many times something is killed with SIGKILL and started again. */
const KILLS = 12;
const COMMANDS = 6;

let klaw: Klaw;
let machine: JoinedMachine;
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--no-node"] });
	machine = await JoinedMachine.join(klaw, "joined");
});
afterAll(async () => {
	await machine?.kill();
	await klaw?.remove();
});

const WAYS = {
	/** What it runs goes on, and is found again. */
	runtime: async () => {
		await machine.killRuntime();
		await machine.restart();
	},
	/** What it runs dies with it. */
	machine: async () => {
		await machine.kill();
		await machine.restart();
	},
	workerd: async () => {
		const pid = workerd();
		process.kill(pid, "SIGKILL");
		await until(() => ![pid, 0].includes(workerd()), 30_000);
	},
};

it("on a machine that joined no effect happens twice and no file of a finished call is lost, whatever is killed whenever", async () => {
	const seed = Number(process.env.KLAW_SEED ?? Date.now() % 1_000_000);
	console.log(`seed ${seed} (repeat with KLAW_SEED=${seed})`);
	const random = seededRandom(seed);
	const effects = join(klaw.dir, "effects");
	let kills = 0;
	for (let round = 0; kills < KILLS; round++) {
		const name = `round-${round}`;
		const commands = Array.from(
			{ length: COMMANDS },
			(_, n) => `sleep 0.2; echo ${name}-${n} | tee -a ${effects} >> files; sleep 0.2; echo done`,
		);
		await klaw.createTask(name, { prompt: [...commands, "cat files"].map((command) => `$ ${command}`).join("\n") });
		let over = false;
		const end = klaw.taskEnd(name, 120_000).finally(() => {
			over = true;
		});
		while (!over && kills < KILLS) {
			await new Promise((resolve) => setTimeout(resolve, random() * 1_000));
			const ways = Object.values(WAYS);
			await ways[Math.floor(random() * ways.length)]?.();
			kills += 1;
		}
		expect(await end).toMatchObject({ phase: "Succeeded" });
		const results: string[] = (await journal(klaw, name)).flatMap(({ event }) => (event.type === "tool.completed" ? [event.content] : []));
		expect(results).toHaveLength(COMMANDS + 1);
		const ran = (await lines(effects)).filter((line) => line.startsWith(`${name}-`));
		expect(ran).toEqual([...new Set(ran)]);
		for (const [n, result] of results.slice(0, COMMANDS).entries()) {
			// What is not known may have happened or not; everything else has, and its files are there for the last call.
			if (result.includes("outcome unknown")) continue;
			expect([result, ran]).toEqual(["done", expect.arrayContaining([`${name}-${n}`])]);
			const last = results[COMMANDS] ?? "";
			if (!last.includes("outcome unknown")) expect(last.split("\n")).toContain(`${name}-${n}`);
		}
	}
}, 300_000);

function workerd(): number {
	const children: { name: string; pid: number }[] = JSON.parse(readFileSync(join(klaw.data, "run", "children.json"), "utf8"));
	return children.find(({ name }) => name === "workerd")?.pid ?? 0;
}
