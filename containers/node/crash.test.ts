import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { nodeProcess } from "./testing/node-process.ts";
import { runningServer } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const KILLS = 10;
const CALLS_PER_KILL = 3;
/** A call takes about so long from its frame to its result; kills are spread over it. */
const SPREAD_MS = 40;

/** @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function mulberry32(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

describe("a runtime that is killed", () => {
	it("at random moments runs every call exactly once and sends its true result", async () => {
		const seed = Number(process.env.KLAW_TEST_SEED ?? Date.now() % 2 ** 32);
		const random = mulberry32(seed);
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		const ids: string[] = [];
		const ask = (id: string) =>
			server.call(id, "bash", { command: `echo ${id} >> runs; sleep 0.0${ids.indexOf(id) % 5}; echo done ${id}` });
		const askAgain = () => {
			for (const id of ids) if (server.resultsOf(id).length === 0) ask(id);
		};

		for (let kill = 1; kill <= KILLS; kill++) {
			const node = nodeProcess(server.url, dataDir);
			await server.joined(kill);
			askAgain();
			for (let index = 0; index < CALLS_PER_KILL; index++) {
				const id = `c${ids.length}`;
				ids.push(id);
				ask(id);
				await sleep((random() * SPREAD_MS) / CALLS_PER_KILL);
			}
			await node.kill("SIGKILL");
		}
		nodeProcess(server.url, dataDir);
		await server.joined(KILLS + 1);
		askAgain();
		const results = await Promise.all(ids.map((id) => server.result(id)));

		expect(
			results.map(({ content }) => content),
			`seed ${seed}`,
		).toEqual(ids.map((id) => `done ${id}`));
		const runs = readFileSync(join(dataDir, "workspaces/s/runs"), "utf8").trim().split("\n");
		expect(runs.sort(), `seed ${seed}`).toEqual([...ids].sort());
	}, 30_000);

	it("during file tools leaves every file whole and answers each call", async () => {
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		const random = mulberry32(7);
		const lines = 5_000;
		const ids: string[] = [];
		const content = (id: string) => `${id}\n`.repeat(lines);
		const ask = (id: string) => server.call(id, "write", { path: "file", content: content(id) });

		for (let kill = 1; kill <= 3; kill++) {
			const node = nodeProcess(server.url, dataDir);
			await server.joined(kill);
			for (let index = 0; index < 10; index++) {
				ids.push(`w${ids.length}`);
				ask(ids.at(-1) ?? "");
			}
			await sleep(random() * SPREAD_MS);
			await node.kill("SIGKILL");
		}
		nodeProcess(server.url, dataDir);
		await server.joined(4);
		for (const id of ids) if (server.resultsOf(id).length === 0) ask(id);
		await Promise.all(ids.map((id) => server.result(id)));
		const file = readFileSync(join(dataDir, "workspaces/s/file"), "utf8");
		expect(file).toBe(content(file.slice(0, file.indexOf("\n"))));
	}, 30_000);
});
