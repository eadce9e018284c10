import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Klaw, lines, until } from "../e2e/klaw-process.ts";

const BASE = "/apis/klaw.sh/v1/namespaces/default";

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());

async function task(name: string, prompt: string): Promise<void> {
	const { status } = await klaw.api("POST", `${BASE}/tasks`, { metadata: { name }, spec: { prompt } });
	expect(status).toBe(201);
}

describe("no external effect happens twice under one idempotency key", () => {
	it("when everything is killed after the effect and before its result is journaled: the true result is found", async () => {
		const effects = join(klaw.dir, "after-effect");
		await task("after-effect", `$ echo once >> ${effects}; sleep 2; echo the end`);
		await until(async () => (await lines(effects)).length > 0, 20_000);
		await klaw.kill();
		await klaw.start();
		const status = await klaw.taskEnd("after-effect");
		expect(status).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("the end") });
		expect(await lines(effects)).toEqual(["once"]);
	});

	it("when the command itself is killed with everything: the outcome is unknown, and it is not repeated", async () => {
		const effects = join(klaw.dir, "killed");
		await task("killed", `$ echo once >> ${effects}; exec -a klaw-test-victim sleep 600\n$ echo next >> ${effects}`);
		await until(async () => (await lines(effects)).length > 0, 20_000);
		await klaw.kill();
		// The machine dies: the command's whole process group goes with it, and nobody is left to note its end.
		killGroupsOf("klaw-test-victim");
		await klaw.start();
		const status = await klaw.taskEnd("killed");
		expect(status).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("outcome unknown") });
		expect(await lines(effects)).toEqual(["once", "next"]);
	});

	it("when only `klaw up` is killed: what it started does not disturb the next start", async () => {
		const effects = join(klaw.dir, "only-up");
		await task("only-up", Array.from({ length: 6 }, (_, n) => `$ sleep 0.3; echo ${n} >> ${effects}`).join("\n"));
		await until(async () => (await lines(effects)).length > 1, 20_000);
		await klaw.killOnlyUp();
		await klaw.start();
		expect(await klaw.taskEnd("only-up")).toMatchObject({ phase: "Succeeded" });
		expect(await lines(effects)).toEqual(["0", "1", "2", "3", "4", "5"]);
	});

	it("when a client sends a message again: the same run is the answer", async () => {
		const effects = join(klaw.dir, "message");
		await task("again", "$ true");
		await klaw.taskEnd("again");
		const send = () =>
			klaw.api("POST", `${BASE}/sessions/again/messages`, { text: `$ echo once >> ${effects}` }, { "Idempotency-Key": "key-1" });
		const [first, second] = [await send(), await send()];
		await klaw.kill();
		await klaw.start();
		const third = await send();
		expect(first).toMatchObject({ status: 202, body: { duplicate: false } });
		expect(second).toMatchObject({ status: 202, body: { ...first.body, duplicate: true } });
		expect(third).toMatchObject({ status: 202, body: { ...first.body, duplicate: true } });
		await until(async () => (await lines(effects)).length > 0, 20_000);
		const after = (await klaw.api("GET", `${BASE}/sessions/again`)).body.status;
		await until(async () => (await klaw.api("GET", `${BASE}/sessions/again`)).body.status.phase === "Idle", 20_000);
		expect(after.lastRun.run).toBe(first.body.run);
		expect(await lines(effects)).toEqual(["once"]);
	});
});

/** SIGKILL for the process group of every process whose command line holds this word. */
function killGroupsOf(word: string): void {
	const processes = execFileSync("ps", ["-eo", "pgid=,args="], { encoding: "utf8" }).split("\n");
	const groups = new Set(processes.filter((line) => line.includes(word)).map((line) => Number.parseInt(line, 10)));
	for (const group of groups) process.kill(-group, "SIGKILL");
}
