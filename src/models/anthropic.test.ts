import { afterEach, describe, expect, it } from "vitest";
import { startFakeAnthropic } from "../../test/fakes/anthropic.ts";
import { type Answer, ask, failureOf, tool, user } from "../../test/fakes/ask.ts";
import { ManualClock } from "../../test/fakes/manual-clock.ts";
import type { FakeServer, Reply, Script } from "../../test/fakes/reply.ts";
import type { Message } from "./message.ts";
import type { ModelIo } from "./model-io.ts";
import { resolveModel } from "./registry.ts";

const KEY = "sk-ant-test";
let fake: FakeServer | undefined;

afterEach(async () => {
	await fake?.close();
	fake = undefined;
});

async function claude(script: Script | Reply, io: Partial<ModelIo> = {}) {
	const server = await startFakeAnthropic({ key: KEY, script: typeof script === "function" ? script : () => script });
	fake = server;
	const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: server.url };
	return { server, ...resolveModel("anthropic/claude-test", env, io) };
}

describe("an answer of the Messages API", () => {
	it("comes in the pieces in which it is sent, and whole at the end", async () => {
		const answer = await ask(await claude({ text: ["Hel", "lo ", "🌍"] }));
		expect(answer.deltas).toEqual(["Hel", "lo ", "🌍"]);
		expect(answer).toMatchObject({ stopReason: "end_turn", message: { role: "assistant", content: [{ type: "text", text: "Hello 🌍" }] } });
	});

	it("holds the calls, put together from their pieces", async () => {
		const answer = await ask(
			await claude({
				text: "Looking.",
				calls: [
					{ name: "bash", id: "toolu_1", arguments: ['{"comm', 'and":"ls', '"}'] },
					{ name: "read", id: "toolu_2", arguments: { path: "a.txt" } },
				],
			}),
			{ tools: [tool("bash"), tool("read")] },
		);
		expect(answer.stopReason).toBe("tool_calls");
		expect(answer.message.content).toEqual([
			{ type: "text", text: "Looking." },
			{ type: "tool_call", id: "toolu_1", name: "bash", arguments: '{"command":"ls"}' },
			{ type: "tool_call", id: "toolu_2", name: "read", arguments: '{"path":"a.txt"}' },
		]);
	});

	it("holds arguments as the model wrote them, valid or not", async () => {
		const answer = await ask(
			await claude({
				calls: [
					{ name: "bash", arguments: '{"command":' },
					{ name: "pwd", arguments: "" },
				],
			}),
		);
		expect(answer.message.content).toMatchObject([{ arguments: '{"command":' }, { arguments: "{}" }]);
	});

	it("counts its tokens once, with what came from and went into the cache", async () => {
		const { usage } = await ask(await claude({ text: "Hi", usage: { input: 12, output: 34, cacheRead: 56, cacheWrite: 78 } }));
		expect(usage).toEqual({ input: 12, output: 34, cacheRead: 56, cacheWrite: 78 });
	});

	it.each([
		["end_turn", "end_turn"],
		["stop_sequence", "end_turn"],
		["max_tokens", "max_tokens"],
		["model_context_window_exceeded", "max_tokens"],
		["refusal", "refusal"],
		["something_new", "end_turn"],
	])("that stopped for %s ends with %s", async (stop, stopReason) => {
		expect((await ask(await claude({ text: "So", stop }))).stopReason).toBe(stopReason);
	});

	it("that was refused asks for no calls", async () => {
		const answer = await ask(await claude({ text: "No.", calls: [{ name: "bash", arguments: '{"com' }], stop: "refusal" }));
		expect(answer.message.content).toEqual([{ type: "text", text: "No." }]);
	});

	it("keeps the model's signed reasoning, and hands it back with the results", async () => {
		const model = await claude((_, n) =>
			n === 1
				? { thinking: { text: "Hm.", signature: "c2ln" }, text: "Looking.", calls: [{ name: "bash", id: "toolu_1", arguments: {} }] }
				: { text: "Done." },
		);
		const first = await ask(model);
		expect(first.deltas.join("")).toBe("Looking.");
		const results: Message = { role: "tool", results: [{ id: "toolu_1", name: "bash", content: "ok", isError: false }] };
		await ask(model, { messages: [user("go"), first.message, results] });
		expect(model.server.requests[1]?.body.messages[1]?.content).toMatchObject([
			{ type: "thinking", thinking: "Hm.", signature: "c2ln" },
			{ type: "text" },
			{ type: "tool_use" },
		]);
	});
});

describe("a request to the Messages API", () => {
	it("holds model, limit, tools and the cached system prompt", async () => {
		const model = await claude({ text: "Hi" });
		await ask(model, { system: "Be kind.", tools: [tool("bash")], maxOutputTokens: 321 });
		expect(model.server.requests[0]?.body).toMatchObject({
			model: "claude-test",
			max_tokens: 321,
			stream: true,
			system: [{ type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } }],
			tools: [{ name: "bash", input_schema: { type: "object", required: ["command"] } }],
			messages: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
		});
	});

	it("sends no tools and no system prompt when there are none", async () => {
		const model = await claude({ text: "Hi" });
		await ask(model, { system: "" });
		expect(Object.keys(model.server.requests[0]?.body ?? {})).toEqual(["model", "max_tokens", "stream", "messages"]);
	});

	it("keeps the key in the header, and tells the server that klaw does the retrying", async () => {
		const model = await claude({ text: "Hi" });
		await ask(model);
		expect(model.server.requests[0]?.headers).toMatchObject({
			authorization: `Bearer ${KEY}`,
			"x-api-key": KEY,
			"x-stainless-retry-count": "0",
		});
		expect(model.server.requests[0]?.text).not.toContain(KEY);
	});

	it("goes over a connection of those before", async () => {
		const model = await claude({ text: "Hi", calls: [{ name: "bash", arguments: {} }] });
		for (let n = 0; n < 5; n++) await ask(model);
		expect(model.server.connections).toBeLessThanOrEqual(2);
	});

	it("finds the server when its base URL ends in /v1", async () => {
		const { server } = await claude({ text: "Hi" });
		const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: `${server.url}/v1/` };
		expect((await ask(resolveModel("anthropic/claude-test", env))).deltas).toEqual(["Hi"]);
	});
});

describe("a failure of the Messages API", () => {
	const failed = (script: Script | Reply) => claude(script).then((model) => failureOf(ask(model)));

	it.each([
		[{ status: 400, message: "prompt is too long" }, "BadRequest", false, "prompt is too long"],
		[{ status: 403 }, "Unauthorized", false, "ANTHROPIC_API_KEY"],
		[{ status: 404, message: "model: claude-test" }, "UnknownModel", false, "model: claude-test"],
		[{ status: 413 }, "BadRequest", false, "too long"],
		[{ status: 500 }, "ProviderError", true, "api_error"],
		[{ status: 529, message: "Overloaded" }, "ProviderError", true, "Overloaded"],
	])("with %j is %s, retryable: %s", async (reply, code, retryable, said) => {
		const error = await failed(reply);
		expect(error).toMatchObject({ code, retryable });
		expect(error.message).toContain(said);
		expect(error.message).toContain("anthropic/claude-test at 127.0.0.1:");
	});

	it("is asked once only: the SDK's own retries are off", async () => {
		await failed({ status: 529 });
		expect(fake?.requests).toHaveLength(1);
	});

	it("says when to come back", async () => {
		expect(await failed({ status: 429, headers: { "retry-after": "7" } })).toMatchObject({ code: "RateLimited", retryAfterMs: 7_000 });
	});

	it("shows no key when the key is wrong", async () => {
		const { server } = await claude({ text: "Hi" });
		const model = resolveModel("anthropic/claude-test", { ANTHROPIC_API_KEY: "sk-wrong", ANTHROPIC_BASE_URL: server.url });
		const error = await failureOf(ask(model));
		expect(error).toMatchObject({ code: "Unauthorized", retryable: false });
		expect(error.message).toContain("Check ANTHROPIC_API_KEY.");
		expect(error.message).not.toContain("sk-wrong");
	});

	it.each([
		["cut", "StreamBroken"],
		["end", "StreamBroken"],
		["garbage", "StreamBroken"],
		["error", "ProviderError"],
	] as const)("in the middle of the stream (%s) is %s and retryable, though text was shown", async (kind, code) => {
		const model = await claude({ text: ["Half ", "an answer"], fault: { afterEvents: 4, kind } });
		const deltas: string[] = [];
		const error = await failureOf(collect(model, deltas));
		expect(deltas).toEqual(["Half "]);
		expect(error).toMatchObject({ code, retryable: true });
	});

	it("is a broken stream when only the very end is missing", async () => {
		expect(await failed({ text: "Hi", fault: { afterEvents: 6, kind: "end" } })).toMatchObject({ code: "StreamBroken", retryable: true });
	});

	it("is named when a web page answers instead of the API", async () => {
		const page = () => Promise.resolve(new Response("<html><title>Welcome</title></html>", { headers: { "content-type": "text/html" } }));
		const error = await failureOf(ask(await claude({ text: "Hi" }, { fetch: page })));
		expect(error).toMatchObject({ code: "StreamBroken", retryable: false });
		expect(error.message).toContain("text/html instead of an event stream: Welcome. Check ANTHROPIC_BASE_URL.");
	});

	it("is unreachable when nobody listens, with the address and the variable to check", async () => {
		const { server, ...model } = await claude({ text: "Hi" });
		await server.close();
		const error = await failureOf(ask(model));
		expect(error).toMatchObject({ code: "Unreachable", retryable: true });
		expect(error.message).toContain(server.url);
		expect(error.message).toContain("ECONNREFUSED");
		expect(error.message).toContain("ANTHROPIC_BASE_URL");
	});
});

describe("a silent provider", () => {
	it("is given up after two minutes without a first byte", async () => {
		const clock = new ManualClock();
		const model = await claude("hang", { clock });
		const failure = failureOf(ask(model));
		await expect.poll(() => model.server.requests.length).toBe(1);
		clock.turn(120_000);
		expect(await failure).toMatchObject({ code: "Timeout", retryable: true, message: expect.stringContaining("nothing came for 120 s") });
	});

	it("is given up after two minutes of silence in the middle", async () => {
		const clock = new ManualClock();
		const model = await claude({ text: ["Wait", "…"], fault: { afterEvents: 4, kind: "hang" } }, { clock });
		const deltas: string[] = [];
		const failure = failureOf(collect(model, deltas));
		await expect.poll(() => deltas).toEqual(["Wait"]);
		clock.turn(120_000);
		expect(await failure).toMatchObject({ code: "Timeout", retryable: true, message: expect.stringContaining("fell silent") });
	});
});

describe("a cancelled call", () => {
	it("ends at once before the first byte", async () => {
		const model = await claude("hang");
		const caller = new AbortController();
		const failure = failureOf(ask(model, { signal: caller.signal }));
		await expect.poll(() => model.server.requests.length).toBe(1);
		caller.abort();
		expect(await failure).toMatchObject({ code: "Cancelled", retryable: false });
	});

	it("ends at once in the middle of the answer", async () => {
		const model = await claude({ text: ["Wait", "…"], fault: { afterEvents: 4, kind: "hang" } });
		const caller = new AbortController();
		const deltas: string[] = [];
		const failure = failureOf(collect(model, deltas, caller.signal));
		await expect.poll(() => deltas).toEqual(["Wait"]);
		caller.abort();
		expect(await failure).toMatchObject({ code: "Cancelled", retryable: false });
	});

	it("asks nothing when it was cancelled before", async () => {
		const model = await claude({ text: "Hi" });
		expect(await failureOf(ask(model, { signal: AbortSignal.abort() }))).toMatchObject({ code: "Cancelled" });
		expect(model.server.requests).toHaveLength(0);
	});
});

/** Like `ask`, showing the text before the answer fails. */
async function collect(
	model: Awaited<ReturnType<typeof claude>>,
	deltas: string[],
	signal = new AbortController().signal,
): Promise<Answer | undefined> {
	for await (const { text } of model.provider.stream({
		model: model.model,
		system: "",
		messages: [user("Hi")],
		tools: [],
		maxOutputTokens: 10,
		signal,
	}))
		deltas.push(text);
	return undefined;
}
