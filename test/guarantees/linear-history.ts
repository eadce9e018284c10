import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { Klaw, NAMESPACE } from "../e2e/klaw-process.ts";
import { startFakeOpenAI } from "../fakes/openai.ts";

const BYTES = 5_000;

/** Guarantee 24, over so many calls of one run. */
export function linearHistory(calls: number): void {
	it(`history cost is linear: ${calls} tool calls of 5 KB store less than 1.2 times the bytes they produce`, async () => {
		const klaw = await longRun(calls);
		const produced = await bytesProduced(klaw, calls);
		expect(await klaw.stop()).toBe(0);
		const stored = await largestDatabase(join(klaw.data, "state", "klaw-SessionObject"));
		console.log(`${stored} bytes stored for ${produced} produced: ${(stored / produced).toFixed(3)}`);
		expect(stored / produced).toBeLessThan(1.2);
	}, 300_000);
}

/** A klaw in which a run of so many calls has succeeded. */
async function longRun(calls: number): Promise<Klaw> {
	const model = await startFakeOpenAI({
		record: false,
		script: (_, n) => {
			if (n > calls) return { text: "done" };
			// Distinct output for each call, so that no storage trick could fold them into one.
			return { calls: [{ name: "bash", arguments: { command: "head -c 3750 /dev/urandom | base64 -w0" } }] };
		},
	});
	onTestFinished(() => model.close());
	const klaw = await Klaw.start({ env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "sk-test" } });
	onTestFinished(() => klaw.remove());
	await klaw.api("POST", `${NAMESPACE}/agents`, {
		metadata: { name: "long" },
		spec: { model: "openai/test", limits: { iterations: calls + 1 } },
	});
	await klaw.api("POST", `${NAMESPACE}/tasks`, { metadata: { name: "long" }, spec: { agent: "long", prompt: "go" } });
	expect(await klaw.taskEnd("long", 280_000)).toMatchObject({ phase: "Succeeded" });
	return klaw;
}

async function bytesProduced(klaw: Klaw, calls: number): Promise<number> {
	const { body } = await klaw.api("GET", `${NAMESPACE}/sessions/long`);
	expect(body.status.lastRun.iterations).toBe(calls + 1);
	const response = await fetch(`${klaw.url}${NAMESPACE}/sessions/long/events`, {
		headers: { Authorization: `Bearer ${await klaw.token()}` },
	});
	const events = [...(await response.text()).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "null").event);
	const results = events.filter(({ type }) => type === "tool.completed");
	expect(results.filter(({ content, isError }) => !isError && content.length >= BYTES)).toHaveLength(calls);
	const messages = events.filter(({ type }) => type === "model.completed");
	return (
		results.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) +
		messages.reduce((sum, { message }) => sum + Buffer.byteLength(JSON.stringify(message)), 0)
	);
}

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
