import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Klaw } from "../e2e/klaw-process.ts";
import { startFakeOpenAI } from "../fakes/openai.ts";
import type { FakeServer } from "../fakes/reply.ts";

const CALLS = 1_000;
const BYTES = 5_000;

let klaw: Klaw;
let model: FakeServer;

beforeAll(async () => {
	// Distinct output for each call, so that no storage trick could fold them into one.
	model = await startFakeOpenAI({
		record: false,
		script: (_, n) => {
			if (n > CALLS) return { text: "done" };
			return { calls: [{ name: "bash", arguments: { command: "head -c 3750 /dev/urandom | base64 -w0" } }] };
		},
	});
	klaw = await Klaw.start({ env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "sk-test" } });
});
afterAll(async () => {
	await klaw?.remove();
	await model?.close();
});

it("history cost is linear: 1,000 tool calls of 5 KB store less than 1.2 times the bytes they produce", async () => {
	const base = "/apis/klaw.sh/v1/namespaces/default";
	await klaw.api("POST", `${base}/agents`, {
		metadata: { name: "long" },
		spec: { model: "openai/test", limits: { iterations: CALLS + 1 } },
	});
	await klaw.api("POST", `${base}/tasks`, { metadata: { name: "long" }, spec: { agent: "long", prompt: "go" } });
	expect(await klaw.taskEnd("long", 110_000)).toMatchObject({ phase: "Succeeded" });

	const { body } = await klaw.api("GET", `${base}/sessions/long`);
	expect(body.status.lastRun.iterations).toBe(CALLS + 1);
	const response = await fetch(`${klaw.url}${base}/sessions/long/events`, { headers: { Authorization: `Bearer ${await klaw.token()}` } });
	const events = [...(await response.text()).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "null").event);
	const results = events.filter(({ type }) => type === "tool.completed");
	expect(results.filter(({ content, isError }) => !isError && content.length >= BYTES)).toHaveLength(CALLS);
	const messages = events.filter(({ type }) => type === "model.completed");
	const produced =
		results.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) +
		messages.reduce((sum, { message }) => sum + Buffer.byteLength(JSON.stringify(message)), 0);

	expect(await klaw.stop()).toBe(0);
	const stored = await largestDatabase(join(klaw.data, "state", "klaw-SessionObject"));
	console.log(`${stored} bytes stored for ${produced} produced: ${(stored / produced).toFixed(3)}`);
	expect(stored / produced).toBeLessThan(1.2);
}, 120_000);

/** Bytes of the biggest session's database, its write-ahead log (a scratch file of bounded size) folded in. */
async function largestDatabase(directory: string): Promise<number> {
	const files = (await readdir(directory)).filter((file) => file.endsWith(".sqlite") && file !== "metadata.sqlite");
	const sizes = files.map(async (file) => {
		const path = join(directory, file);
		const database = new DatabaseSync(path);
		database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
		database.close();
		return (await stat(path)).size;
	});
	return Math.max(...(await Promise.all(sizes)));
}
