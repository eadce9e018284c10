import { afterEach, describe, expect, it } from "vitest";
import { ask, failureOf, tool, user } from "../../test/fakes/ask.ts";
import { ManualClock } from "../../test/fakes/manual-clock.ts";
import { startFakeOpenAI } from "../../test/fakes/openai.ts";
import type { FakeServer, Reply, Script } from "../../test/fakes/reply.ts";
import type { Message } from "./message.ts";
import type { ModelIo } from "./model-io.ts";
import { resolveModel } from "./registry.ts";

const KEY = "sk-test-key";
let fake: FakeServer | undefined;

afterEach(async () => {
	await fake?.close();
	fake = undefined;
});

async function gpt(script: Script | Reply, io: Partial<ModelIo> = {}, name = "openai/gpt-test") {
	const server = await startFakeOpenAI({ script: typeof script === "function" ? script : () => script });
	fake = server;
	const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: server.url, OLLAMA_BASE_URL: server.url };
	return { server, ...resolveModel(name, env, io) };
}

describe("an answer of the Chat Completions API", () => {
	it("comes in the pieces in which it is sent, and whole at the end", async () => {
		const answer = await ask(await gpt({ text: ["Hel", "lo ", "🌍"], usage: { input: 9, output: 3, cacheRead: 4 } }));
		expect(answer.deltas).toEqual(["Hel", "lo ", "🌍"]);
		expect(answer).toMatchObject({
			stopReason: "end_turn",
			message: { role: "assistant", content: [{ type: "text", text: "Hello 🌍" }] },
			usage: { input: 9, output: 3, cacheRead: 4, cacheWrite: 0 },
		});
	});

	it("holds the calls, put together from their pieces", async () => {
		const answer = await ask(
			await gpt({
				calls: [
					{ name: "bash", id: "call_1", arguments: ['{"comm', 'and":"ls', '"}'] },
					{ name: "read", id: "", arguments: { path: "a.txt" } },
				],
			}),
			{ tools: [tool("bash"), tool("read")] },
		);
		expect(answer.stopReason).toBe("tool_calls");
		expect(answer.message.content).toEqual([
			{ type: "tool_call", id: "call_1", name: "bash", arguments: '{"command":"ls"}' },
			{ type: "tool_call", id: "call_1_1", name: "read", arguments: '{"path":"a.txt"}' },
		]);
	});

	it("leads to a second request that the API accepts", async () => {
		const model = await gpt((_, n) =>
			n === 1 ? { text: "Looking.", calls: [{ name: "bash", id: "", arguments: "{half" }] } : { text: "Done." },
		);
		const { message } = await ask(model);
		const [, call] = message.content;
		const id = call?.type === "tool_call" ? call.id : "";
		const results: Message = { role: "tool", results: [{ id, name: "bash", content: "", isError: true }] };
		expect((await ask(model, { messages: [user("go"), message, results] })).deltas).toEqual(["Done."]);
	});
});

describe("a request to the Chat Completions API", () => {
	it("asks for usage, and names the limit as OpenAI wants it", async () => {
		const model = await gpt({ text: "Hi" });
		await ask(model, { tools: [tool("bash")], maxOutputTokens: 321 });
		expect(model.server.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
		expect(model.server.requests[0]?.body).toEqual({
			model: "gpt-test",
			messages: [
				{ role: "system", content: "Be brief." },
				{ role: "user", content: "Hello" },
			],
			stream: true,
			stream_options: { include_usage: true },
			max_completion_tokens: 321,
			tools: [{ type: "function", function: expect.objectContaining({ name: "bash" }) }],
		});
	});

	it("names the limit as other servers want it, and needs no key for them", async () => {
		const model = await gpt({ text: "Hi" }, {}, "ollama/qwen3:8b");
		await ask(model, { maxOutputTokens: 321 });
		expect(model.server.requests[0]?.body).toMatchObject({ model: "qwen3:8b", max_tokens: 321 });
		expect(model.server.requests[0]?.body).not.toHaveProperty("max_completion_tokens");
		expect(model.server.requests[0]?.body).not.toHaveProperty("tools");
	});

	it.each([
		["gpt-5.4", undefined],
		["gpt-5.6-sol", "none"],
		["gpt-6-luna", "none"],
	])("for %s with tools sets reasoning_effort to %s", async (model, effort) => {
		const { server, ...resolved } = await gpt({ text: "Hi" }, {}, `openai/${model}`);
		await ask(resolved, { tools: [tool("bash")] });
		await ask(resolved);
		expect(server.requests[0]?.body.reasoning_effort).toBe(effort);
		expect(server.requests[1]?.body.reasoning_effort).toBeUndefined();
	});

	it("goes over a connection of those before", async () => {
		const model = await gpt({ text: "Hi", calls: [{ name: "bash", arguments: {} }] });
		for (let n = 0; n < 5; n++) await ask(model);
		expect(model.server.connections).toBeLessThanOrEqual(2);
	});
});

describe("a failure of the Chat Completions API", () => {
	it.each([
		[{ status: 400, message: "Invalid schema" }, "BadRequest", false],
		[{ status: 401, message: `Incorrect API key provided: ${KEY}` }, "Unauthorized", false],
		[{ status: 404, message: "The model `gpt-test` does not exist" }, "UnknownModel", false],
		[{ status: 429, headers: { "retry-after": "3" } }, "RateLimited", true],
		[{ status: 500 }, "ProviderError", true],
		[{ status: 503, body: "<html><title>Busy</title></html>" }, "ProviderError", true],
	])("with %j is %s, retryable: %s, asked once and without the key", async (reply, code, retryable) => {
		const model = await gpt(reply);
		const error = await failureOf(ask(model));
		expect(error).toMatchObject({ code, retryable });
		expect(error.message).not.toContain(KEY);
		expect(model.server.requests).toHaveLength(1);
	});

	it.each([
		["cut", "StreamBroken"],
		["end", "StreamBroken"],
		["garbage", "StreamBroken"],
		["error", "ProviderError"],
	] as const)("in the middle of the stream (%s) is %s and retryable", async (kind, code) => {
		const error = await failureOf(ask(await gpt({ text: ["Half ", "an answer"], fault: { afterEvents: 2, kind } })));
		expect(error).toMatchObject({ code, retryable: true });
	});

	it.each(["end", "cut", "garbage"] as const)("after the finish_reason (%s) costs the token count, not the answer", async (kind) => {
		const answer = await ask(await gpt({ text: ["All ", "of it"], usage: { input: 9 }, fault: { afterEvents: 4, kind } }));
		expect(answer.message.content).toEqual([{ type: "text", text: "All of it" }]);
		expect(answer.usage.input).toBe(0);
	});

	it("inside a 200 is classified like any other", async () => {
		const body = JSON.stringify({ error: { message: "Upstream overloaded", code: 503 } });
		const io = { fetch: () => Promise.resolve(new Response(body, { headers: { "content-type": "application/json" } })) };
		const error = await failureOf(ask(await gpt({ text: "Hi" }, io)));
		expect(error).toMatchObject({ code: "ProviderError", retryable: true });
		expect(error.message).toContain("Upstream overloaded");
	});

	it("is unreachable when nobody listens, with the address and the variable to check", async () => {
		const { server, ...model } = await gpt({ text: "Hi" }, {}, "ollama/qwen3:8b");
		await server.close();
		const error = await failureOf(ask(model));
		expect(error).toMatchObject({ code: "Unreachable", retryable: true });
		expect(error.message).toContain(server.url);
		expect(error.message).toContain("OLLAMA_BASE_URL");
	});
});

describe("a call that hangs", () => {
	it("is given up after two minutes without a first byte", async () => {
		const clock = new ManualClock();
		const model = await gpt("hang", { clock });
		const failure = failureOf(ask(model));
		await expect.poll(() => model.server.requests.length).toBe(1);
		clock.turn(120_000);
		expect(await failure).toMatchObject({ code: "Timeout", retryable: true });
	});

	it("is cancelled in the middle of the answer", async () => {
		const { provider, model } = await gpt({ text: ["Wait", "…"], fault: { afterEvents: 2, kind: "hang" } });
		const caller = new AbortController();
		const request = { model, system: "", messages: [user("Hi")], tools: [], maxOutputTokens: 10, signal: caller.signal };
		const stream = provider.stream(request);
		expect((await stream.next()).value).toEqual({ type: "text", text: "Wait" });
		const rest = failureOf(stream.next());
		caller.abort();
		expect(await rest).toMatchObject({ code: "Cancelled", retryable: false });
	});

	it("lets the connection go when nobody reads on", async () => {
		const { provider, model, server } = await gpt({ text: Array.from({ length: 100 }, () => "tick "), delayMs: 1 });
		const request = { model, system: "", messages: [user("Hi")], tools: [], maxOutputTokens: 10, signal: new AbortController().signal };
		for await (const { text } of provider.stream(request)) {
			expect(text).toBe("tick ");
			break;
		}
		await expect.poll(() => server.openConnections()).toBe(0);
	});
});
