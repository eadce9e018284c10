import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Klaw, lines, NAMESPACE, until } from "./klaw-process.ts";

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

const COMMANDS = 4;
const numbers = Array.from({ length: COMMANDS }, (_, n) => String(n));

/** A prompt whose every command leaves its number in a file, and that file. */
function work(name: string): { prompt: string; effects: string } {
	const effects = join(klaw.dir, `${name}.effects`);
	return { prompt: numbers.map((n) => `$ echo ${n} >> ${effects}; sleep 0.3; echo done ${n}`).join("\n"), effects };
}

const answer = ["I ran 4 commands.", ...numbers.map((n) => `done ${n}`)];

it("klaw dispatch --wait outlives two kills of everything: it prints the answer and exits with 0, and each command ran once", async () => {
	const { prompt, effects } = work("wait");
	const dispatch = klaw.command(["dispatch", "--wait", "--timeout", "60s", prompt]);
	for (const done of [1, 3]) {
		await until(async () => (await lines(effects)).length >= done, 30_000);
		await klaw.kill();
		await klaw.start();
	}
	expect(await dispatch.ended).toBe(0);
	for (const part of answer) expect(dispatch.stdout).toContain(part);
	expect(dispatch.stderr).toMatch(/The connection to the server .* Trying again\.\)$/m);
	expect(await lines(effects)).toEqual(numbers);
});

it("klaw dispatch that does not wait is done after a kill of everything, with nobody looking on", async () => {
	const { prompt, effects } = work("alone");
	expect(await klaw.cli(["dispatch", "--name", "alone", prompt])).toEqual({ code: 0, stdout: "task.klaw.sh/alone created\n", stderr: "" });
	await klaw.kill();
	await klaw.start();
	const status = await klaw.taskEnd("alone");
	expect(status).toMatchObject({ phase: "Succeeded", iterations: COMMANDS + 1 });
	for (const part of answer) expect(status.result).toContain(part);
	expect(await lines(effects)).toEqual(numbers);
});

it("klaw dispatch --wait that is called while klaw is down is done once, when it is up", async () => {
	const { prompt, effects } = work("early");
	await klaw.kill();
	const dispatch = klaw.command(["dispatch", "--wait", "--timeout", "60s", "-o", "json", prompt]);
	await until(() => dispatch.stderr.includes("Trying again."), 10_000);
	await klaw.start();
	expect(await dispatch.ended).toBe(0);
	const task = JSON.parse(dispatch.stdout);
	expect(task.status.phase).toBe("Succeeded");
	const { items } = (await klaw.api("GET", `${NAMESPACE}/tasks`)).body;
	expect(items.filter(({ spec }: { spec: { prompt: string } }) => spec.prompt === prompt)).toHaveLength(1);
	expect(await lines(effects)).toEqual(numbers);
});

it("a command that is killed with everything else is not run again, and the model is told that its outcome is unknown", async () => {
	const effects = join(klaw.dir, "killed.effects");
	const pid = join(klaw.dir, "killed.pid");
	const prompt = `$ echo begun >> ${effects}; echo $$ > ${pid}; sleep 30; echo ended >> ${effects}\n$ echo next >> ${effects}`;
	const dispatch = klaw.command(["dispatch", "--wait", "--timeout", "60s", prompt]);
	await until(async () => (await lines(pid)).length === 1, 20_000);
	await klaw.kill();
	killGroupOf((await readFile(pid, "utf8")).trim());
	await klaw.start();
	expect(await dispatch.ended).toBe(0);
	expect(dispatch.stdout).toMatch(/outcome unknown: .* look before you run it again/);
	expect(await lines(effects)).toEqual(["begun", "next"]);
});

/** SIGKILL for every process of a command. */
function killGroupOf(pid: string): void {
	const group = Number(execFileSync("ps", ["-o", "pgid=", "-p", pid], { encoding: "utf8" }));
	process.kill(-group, "SIGKILL");
}
