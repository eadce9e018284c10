import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFakeAnthropic } from "../fakes/anthropic.ts";
import { startFakeOpenAI } from "../fakes/openai.ts";
import type { FakeAnswer, FakeServer } from "../fakes/reply.ts";
import { type Json, Klaw, until } from "./klaw-process.ts";
import { ScriptedModels, toolResults } from "./scripted-models.ts";
import { type Frame, journal, sessionEvents } from "./session-events.ts";

const models = new ScriptedModels();
let klaw: Klaw;
let anthropic: FakeServer;
let openai: FakeServer;
/** Each has one test for itself, which counts its connections. */
let lmstudio: FakeServer;
let vllm: FakeServer;

beforeAll(async () => {
	anthropic = await startFakeAnthropic({ script: models.script, key: "key-a" });
	openai = await startFakeOpenAI({ script: models.script });
	lmstudio = await startFakeOpenAI({ script: models.script });
	vllm = await startFakeOpenAI({ script: models.script });
	klaw = await Klaw.start({
		env: {
			ANTHROPIC_BASE_URL: anthropic.url,
			ANTHROPIC_API_KEY: "key-a",
			OPENAI_BASE_URL: openai.url,
			OPENAI_API_KEY: "key-o",
			OPENROUTER_BASE_URL: openai.url,
			OPENROUTER_API_KEY: "key-r",
			OLLAMA_BASE_URL: openai.url,
			LMSTUDIO_BASE_URL: lmstudio.url,
			VLLM_BASE_URL: vllm.url,
		},
	});
});
afterAll(async () => {
	await klaw?.remove();
	await Promise.all([anthropic, openai, lmstudio, vllm].map((server) => server?.close()));
});

/** The frames of a task's stream, to the end of its run. */
async function watch(session: string): Promise<Frame[]> {
	const frames: Frame[] = [];
	for await (const frame of sessionEvents(klaw, session, { follow: true })) {
		frames.push(frame);
		if (frame.event === "run.finished") break;
	}
	return frames;
}

/** The model calls that failed, as the journal has them. */
async function failures(session: string): Promise<{ at: number; event: Json }[]> {
	return (await journal(klaw, session)).filter(({ event }) => event.type === "model.failed");
}

/** Milliseconds between the requests to a model. */
function pauses(model: string): number[] {
	const times = models.calls(model).map(({ at }) => at);
	return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

const deltas = (frames: Frame[]) => frames.filter(({ event }) => event === "model.delta").map(({ data }) => data);

describe.concurrent("a task on a configured provider", () => {
	const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

	it.each([
		{ provider: "anthropic", identifies: { "x-api-key": "key-a" } },
		{ provider: "openai", identifies: bearer("key-o") },
		{ provider: "openrouter", identifies: bearer("key-r") },
		{ provider: "ollama", identifies: {} },
	])("of $provider runs tools in parallel, shows its text as it comes, and counts its tokens", async ({ provider, identifies }) => {
		const name = `task-${provider}`;
		models.add(name, (request, n) => {
			if (n > 1) return { text: `The results: ${toolResults(request).join(", ")}`, usage: { input: 7, output: 5, cacheRead: 150 } };
			return {
				text: ["I will ", "run ", "both."],
				delayMs: 40,
				calls: [
					{ name: "bash", arguments: { command: "sleep 0.6; echo slow" } },
					{ name: "bash", arguments: ['{"comm', 'and": "echo fast"}'] },
				],
				usage: { input: 100, output: 20, cacheRead: 30, cacheWrite: 10 },
			};
		});
		const agent = await klaw.cli(["create", "agent", name, "--model", `${provider}/${name}`, "--instructions", "You are thorough."]);
		expect(agent).toMatchObject({ code: 0, stdout: `agent.klaw.sh/${name} created\n` });
		await klaw.createTask(name, { agent: name, prompt: "Run both commands." });

		const frames = await watch(name);
		expect(await klaw.taskEnd(name)).toMatchObject({
			phase: "Succeeded",
			result: "The results: slow, fast",
			iterations: 2,
			usage: { input: 107, output: 25, cacheRead: 180, cacheWrite: 10 },
		});

		const shown = deltas(
			frames.slice(
				0,
				frames.findIndex(({ event }) => event === "model.completed"),
			),
		);
		expect(shown.length).toBeGreaterThan(1);
		expect(shown.reduce((text, delta) => text.slice(0, delta.position) + delta.text, "")).toBe("I will run both.");

		const journaled = frames.flatMap(({ data }) => (data.event === undefined ? [] : [data.event]));
		expect(journaled.filter(({ type }) => type === "tools.started").map(({ calls }) => calls.length)).toEqual([2]);
		// In the order in which they ended; the model reads them in the order in which it asked.
		expect(journaled.filter(({ type }) => type === "tool.completed").map(({ content }) => content)).toEqual(["fast", "slow"]);
		const [first, second, ...more] = models.calls(name).map(({ request }) => request);
		expect(more).toEqual([]);
		expect(first?.headers).toMatchObject(identifies);
		expect(first?.text).toContain("You are thorough.");
		expect(second && toolResults(second)).toEqual(["slow", "fast"]);
	});
});

describe.concurrent("a model call that fails", () => {
	it("for the fourth time ends the task with a sentence, after 1, 2 and 4 seconds", async () => {
		models.add("always-500", () => ({ status: 500, message: "Something broke" }));
		await klaw.createTask("always-500", { model: "openai/always-500", prompt: "Hello" });
		const status = await klaw.taskEnd("always-500");
		expect(status).toMatchObject({ phase: "Failed", reason: "ProviderError" });
		expect(status.message).toMatch(/The model openai\/always-500 at .* status 500.*: Something broke\. .* Gave up after 4 tries\./);
		const [first = 0, second = 0, third = 0, ...more] = pauses("always-500");
		expect(more).toEqual([]);
		expect(first).toBeGreaterThanOrEqual(1_000);
		expect(second).toBeGreaterThanOrEqual(2_000);
		expect(third).toBeGreaterThanOrEqual(4_000);
	});

	it.each(["anthropic", "openai"])("with 429 is repeated by %s when the provider's Retry-After says so", async (provider) => {
		const name = `limited-${provider}`;
		models.add(name, (_, n) => (n === 1 ? { status: 429, headers: { "retry-after": "2" } } : { text: "Here I am." }));
		await klaw.createTask(name, { model: `${provider}/${name}`, prompt: "Hello" });
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded", result: "Here I am.", iterations: 1 });
		const [failed, ...more] = await failures(name);
		expect(more).toEqual([]);
		expect(failed?.event).toMatchObject({ code: "RateLimited", attempt: 1, message: expect.stringContaining("429") });
		expect(failed?.event.retryAt - (failed?.at ?? 0)).toBeGreaterThanOrEqual(2_000);
		expect(pauses(name)).toEqual([expect.toSatisfy((pause: number) => pause >= 2_000)]);
	});

	it.each([
		{ provider: "openai", status: 408 },
		{ provider: "openai", status: 409 },
		{ provider: "anthropic", status: 500 },
		{ provider: "anthropic", status: 529 },
	])("with $status is repeated once by $provider, and not by its SDK as well", async ({ provider, status }) => {
		const name = `passing-${status}`;
		models.add(name, (_, n) => (n === 1 ? { status } : { text: "Here I am." }));
		await klaw.createTask(name, { model: `${provider}/${name}`, prompt: "Hello" });
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded", result: "Here I am." });
		expect((await failures(name)).map(({ event }) => event.code)).toEqual(["ProviderError"]);
		expect(pauses(name)).toEqual([expect.toSatisfy((pause: number) => pause >= 1_000)]);
	});

	it("with 401 is not repeated, and the sentence names the variable", async () => {
		models.add("wrong-key", () => ({ status: 401, message: "Incorrect API key provided: key-o" }));
		await klaw.createTask("wrong-key", { model: "openai/wrong-key", prompt: "Hello" });
		const status = await klaw.taskEnd("wrong-key");
		expect(status).toMatchObject({ phase: "Failed", reason: "Unauthorized", message: expect.stringContaining("Check OPENAI_API_KEY.") });
		expect(status.message).not.toContain("key-o");
		expect(models.calls("wrong-key")).toHaveLength(1);
	});

	const text = ["The answer ", "was cut ", "once."];
	const broken = (kind: "cut" | "end" | "error" | "garbage"): FakeAnswer => ({ text, delayMs: 20, fault: { afterEvents: 4, kind } });

	it.each([
		{ provider: "anthropic", kind: "cut" },
		{ provider: "openai", kind: "cut" },
		{ provider: "anthropic", kind: "end" },
		{ provider: "openai", kind: "end" },
		{ provider: "anthropic", kind: "error" },
		{ provider: "openai", kind: "garbage" },
	] as const)(
		"in the middle of its text ($kind, $provider) is told to whoever watches, and shown from its beginning again",
		async ({ provider, kind }) => {
			const name = `broken-${kind}-${provider}`;
			models.add(name, (_, n) => (n === 1 ? broken(kind) : { text, delayMs: 20 }));
			await klaw.createTask(name, { model: `${provider}/${name}`, prompt: "Hello" });
			const frames = await watch(name);
			const failed = frames.findIndex(({ event }) => event === "model.failed");
			expect(frames[failed]?.data.event).toMatchObject({ attempt: 1, retryAt: expect.any(Number) });
			const before = deltas(frames.slice(0, failed));
			expect(before.length).toBeGreaterThan(0);
			expect(before.every(({ attempt }) => attempt === 1)).toBe(true);
			const after = deltas(frames.slice(failed));
			expect(after[0]).toMatchObject({ attempt: 2, position: 0 });
			expect(after.reduce((shown, delta) => shown.slice(0, delta.position) + delta.text, "")).toBe(text.join(""));
			expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Succeeded", result: text.join("") });
			expect(models.calls(name)).toHaveLength(2);
		},
	);

	it("in the middle of its text is seen in klaw chat as what it is, and followed by the whole answer", async () => {
		models.add("broken-chat", (_, n) => (n === 1 ? broken("cut") : { text, delayMs: 20 }));
		const { code, stdout } = await klaw.cli(["chat", "--model", "openai/broken-chat"], "Hello\n");
		expect(stdout).toMatch(
			/^The answer .*\n\(the model call failed \(StreamBroken\): .* Asking again in [\d.]+ m?s\.\)\nThe answer was cut once\.\n\(1 step, /,
		);
		expect(code).toBe(0);
	});
});

describe.concurrent("a model that falls silent", () => {
	const stuck: FakeAnswer = { text: ["Well ", "then"], fault: { afterEvents: 2, kind: "hang" } };

	it.each([
		{ when: "before its first word", provider: "lmstudio", server: () => lmstudio, reply: "hang" as const },
		{ when: "in the middle of its answer", provider: "vllm", server: () => vllm, reply: stuck },
	])("$when is hung up on at once when its task is cancelled", async ({ provider, server, reply }) => {
		const name = `silent-${provider}`;
		models.add(name, (_, n) => (n === 1 ? reply : { text: "Awake again." }));
		await klaw.createTask(name, { model: `${provider}/${name}`, prompt: "Hello" });
		await until(() => models.calls(name).length === 1, 10_000);
		expect(await server().openConnections()).toBe(1);
		if (reply !== "hang") {
			// What was said before the silence is shown although the call has not ended.
			for await (const frame of sessionEvents(klaw, name, { follow: true })) if (frame.event === "model.delta") break;
		}
		const cancelledAt = Date.now();
		expect(await klaw.cli(["cancel", name, "--reason", "took too long"])).toMatchObject({ code: 0 });
		expect(await klaw.taskEnd(name)).toMatchObject({ phase: "Cancelled", message: "Cancelled by system:admin: took too long" });
		expect(Date.now() - cancelledAt).toBeLessThan(5_000);
		await until(async () => (await server().openConnections()) === 0, 5_000);

		await klaw.createTask(`${name}-again`, { session: name, model: `${provider}/${name}`, prompt: "And now?" });
		expect(await klaw.taskEnd(`${name}-again`)).toMatchObject({ phase: "Succeeded", result: "Awake again." });
	});
});

it("a call that waits to be repeated is repeated in time although everything was killed meanwhile", async () => {
	models.add("patient", (_, n) => (n === 1 ? { status: 429, headers: { "retry-after": "3" } } : { text: "Thank you." }));
	await klaw.createTask("patient", { model: "openai/patient", prompt: "Hello" });
	await until(async () => (await failures("patient")).length === 1, 10_000);
	await klaw.kill();
	await klaw.start();
	expect(await klaw.taskEnd("patient")).toMatchObject({ phase: "Succeeded", result: "Thank you." });
	expect(pauses("patient")).toEqual([expect.toSatisfy((pause: number) => pause >= 3_000 && pause < 15_000)]);
});
