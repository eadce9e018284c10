import { describe, expect, it } from "vitest";
import { ask, failureOf, tool, user } from "../../test/fakes/ask.ts";
import { ManualClock } from "../../test/fakes/manual-clock.ts";
import type { ModelIo } from "./model-io.ts";
import { resolveModel } from "./registry.ts";

const MODEL = "@cf/zai-org/glm-5.3-flash";

interface Run {
	model: string;
	inputs: Record<string, unknown>;
	options?: Record<string, unknown>;
}

/** An AI binding that answers with these events, or with whatever `output` gives. */
function glm(output: unknown[] | (() => unknown), io: Partial<ModelIo> = {}) {
	const runs: Run[] = [];
	const AI = {
		async run(model: string, inputs: Record<string, unknown>, options?: Record<string, unknown>) {
			runs.push({ model, inputs, options });
			return Array.isArray(output) ? sse(output) : output();
		},
	};
	return { runs, ...resolveModel(`workers-ai/${MODEL}`, { AI }, io) };
}

/** Strings are sent as they are. The bytes are cut where no event ends. */
function sse(events: unknown[]): ReadableStream<Uint8Array> {
	const text = events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join("");
	const bytes = new TextEncoder().encode(text);
	return new ReadableStream({
		start(controller) {
			for (let start = 0; start < bytes.length; start += 7) controller.enqueue(bytes.slice(start, start + 7));
			controller.close();
		},
	});
}

const chunk = (delta: Record<string, unknown>, finish_reason: string | null = null) => ({ choices: [{ index: 0, delta, finish_reason }] });

describe("an answer of Workers AI", () => {
	it("in its native form comes as text, calls and usage", async () => {
		const answer = await ask(
			glm([
				{ response: "Hel" },
				{ response: "lo 🌍" },
				{ response: 42 },
				{ response: null, tool_calls: [{ name: "bash", arguments: { command: "ls" } }] },
				{ tool_calls: [], p: "abc" },
				{ response: "", usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } },
				"[DONE]",
			]),
		);
		expect(answer.deltas).toEqual(["Hel", "lo 🌍", "42"]);
		expect(answer).toMatchObject({
			stopReason: "tool_calls",
			message: {
				content: [
					{ type: "text", text: "Hello 🌍42" },
					{ type: "tool_call", id: "call_1_0", name: "bash", arguments: '{"command":"ls"}' },
				],
			},
			usage: { input: 7, output: 3, cacheRead: 0, cacheWrite: 0 },
		});
	});

	it("in OpenAI's form comes as text, calls and usage", async () => {
		const answer = await ask(
			glm([
				chunk({ role: "assistant", content: "" }),
				chunk({ content: "Look" }),
				chunk({ tool_calls: [{ index: 0, id: "call_a", function: { name: "bash", arguments: '{"comm' } }] }),
				chunk({ tool_calls: [{ index: 0, function: { arguments: 'and":"ls"}' } }] }),
				chunk({}, "tool_calls"),
				{ choices: [], usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 5 } } },
				"[DONE]",
			]),
		);
		expect(answer).toMatchObject({
			deltas: ["Look"],
			stopReason: "tool_calls",
			message: { content: [{ text: "Look" }, { id: "call_a", name: "bash", arguments: '{"command":"ls"}' }] },
			usage: { input: 4, output: 4, cacheRead: 5, cacheWrite: 0 },
		});
	});

	it.each([
		["native", { response: "Whole.", usage: { prompt_tokens: 1, completion_tokens: 2 } }],
		[
			"OpenAI's",
			{
				choices: [{ message: { role: "assistant", content: "Whole." }, finish_reason: "stop" }],
				usage: { prompt_tokens: 1, completion_tokens: 2 },
			},
		],
	])("may come at once in %s form, though a stream was asked for", async (_, output) => {
		expect(await ask(glm(() => output))).toMatchObject({ deltas: ["Whole."], stopReason: "end_turn", usage: { input: 1, output: 2 } });
	});
});

it("a request to Workers AI holds messages without null, tools, the limit and a signal", async () => {
	const { runs, ...model } = glm([{ response: "Hi" }, "[DONE]"]);
	await ask(model, {
		messages: [
			user("go"),
			{ role: "assistant", content: [{ type: "tool_call", id: "a", name: "bash", arguments: "{}" }] },
			{ role: "tool", results: [{ id: "a", name: "bash", content: "ok", isError: false }] },
		],
		tools: [tool("bash")],
		maxOutputTokens: 77,
	});
	expect(runs).toHaveLength(1);
	expect(runs[0]?.model).toBe(MODEL);
	expect(runs[0]?.options?.signal).toBeInstanceOf(AbortSignal);
	expect(runs[0]?.inputs).toMatchObject({ stream: true, max_tokens: 77, tools: [{ type: "function", function: { name: "bash" } }] });
	expect(JSON.stringify(runs[0]?.inputs)).not.toContain("null");
});

describe("a failure of Workers AI", () => {
	const throwing = (thrown: unknown) => () => {
		throw thrown;
	};

	it.each([
		["3040: Capacity temporarily exceeded, please try again.", "RateLimited", true],
		["InferenceUpstreamError: 3036: you have used up your daily free allocation", "RateLimited", true],
		["3007: Request timeout", "ProviderError", true],
		["5007: No such model @cf/x or task", "UnknownModel", false],
		["5004: Invalid data", "BadRequest", false],
		["3006: Request too large", "BadRequest", false],
		["5018: Account not allowed", "Unauthorized", false],
		["Network connection lost.", "Unreachable", true],
	])("%j is %s, retryable: %s", async (message, code, retryable) => {
		const error = await failureOf(ask(glm(throwing(new Error(message)))));
		expect(error).toMatchObject({ code, retryable });
		expect(error.message).toContain(`workers-ai/${MODEL}`);
		expect(error.message).toContain(message.split(": ").at(-1)?.slice(0, 20));
	});

	it.each([
		[{ errors: [{ code: 3040, message: "out of capacity" }] }, "RateLimited"],
		[{ error: "3040: out of capacity" }, "RateLimited"],
		[{ error: { type: "server_error", message: "out of capacity" } }, "ProviderError"],
		[{ error: "out of capacity" }, "StreamBroken"],
	])("in the stream as %j is %s", async (event, code) => {
		const error = await failureOf(ask(glm([{ response: "Hal" }, event])));
		expect(error).toMatchObject({ code, retryable: true });
		expect(error.message).toContain("out of capacity");
	});

	it.each([
		["without [DONE]", [{ response: "Half" }]],
		["in OpenAI's form without a finish_reason", [chunk({ content: "Half" })]],
		["with nothing at all", []],
		["in half an event", [{ response: "Half" }, '{"respon']],
	])("is a broken stream when it ends %s", async (_, events) => {
		expect(await failureOf(ask(glm(events)))).toMatchObject({ code: "StreamBroken", retryable: true });
	});

	it("is a timeout when nothing comes for two minutes", async () => {
		const clock = new ManualClock();
		const { runs, ...model } = glm(() => new Promise(() => {}), { clock });
		const failure = failureOf(ask(model));
		await expect.poll(() => runs.length).toBe(1);
		clock.turn(120_000);
		expect(await failure).toMatchObject({ code: "Timeout", retryable: true });
	});

	it("is a cancellation when the caller cancels, though the binding does not listen", async () => {
		const caller = new AbortController();
		const { runs, ...model } = glm(() => new ReadableStream());
		const failure = failureOf(ask(model, { signal: caller.signal }));
		await expect.poll(() => runs.length).toBe(1);
		caller.abort();
		expect(await failure).toMatchObject({ code: "Cancelled", retryable: false });
	});
});
