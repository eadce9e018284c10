import { describe, expect, it } from "vitest";
import { ChatAnswer, type ChatDelta, type ChatToolCall } from "./chat-answer.ts";

function answerOf(deltas: ChatDelta[], finish = "stop") {
	const answer = new ChatAnswer();
	for (const delta of deltas) answer.push({ choices: [{ delta }] });
	answer.push({ choices: [{ delta: {}, finish_reason: finish }] });
	return answer.response([]);
}

const callsOf = (...pieces: ChatToolCall[]) =>
	answerOf(
		pieces.map((piece) => ({ tool_calls: [piece] })),
		"tool_calls",
	).message.content;

describe("the calls of a Chat Completions stream", () => {
	it("are put together by their index, though their pieces mix", () => {
		const calls = callsOf(
			{ index: 0, id: "a", function: { name: "bash", arguments: "" } },
			{ index: 1, id: "b", function: { name: "read", arguments: "" } },
			{ index: 0, function: { arguments: '{"x"' } },
			{ index: 1, function: { arguments: "{}" } },
			{ index: 0, function: { arguments: ":1}" } },
		);
		expect(calls).toEqual([
			{ type: "tool_call", id: "a", name: "bash", arguments: '{"x":1}' },
			{ type: "tool_call", id: "b", name: "read", arguments: "{}" },
		]);
	});

	it("are told apart by their ids where all have the same index (Gemini)", () => {
		const calls = callsOf(
			{ index: 0, id: "a", function: { name: "bash", arguments: "{}" } },
			{ index: 0, id: "b", function: { name: "bash", arguments: "{}" } },
		);
		expect(calls).toMatchObject([{ id: "a" }, { id: "b" }]);
	});

	it("are told apart by their names where they have no index", () => {
		const calls = callsOf(
			{ function: { name: "bash", arguments: '{"a"' } },
			{ function: { arguments: ":1}" } },
			{ function: { name: "read", arguments: "{}" } },
		);
		expect(calls).toEqual([
			{ type: "tool_call", id: "call_0_0", name: "bash", arguments: '{"a":1}' },
			{ type: "tool_call", id: "call_0_1", name: "read", arguments: "{}" },
		]);
	});

	it("are one call where each piece repeats its id and name", () => {
		const piece = (text: string) => ({ index: 0, id: "a", function: { name: "bash", arguments: text } });
		expect(callsOf(piece("{"), piece("}"))).toEqual([{ type: "tool_call", id: "a", name: "bash", arguments: "{}" }]);
	});

	it("may bring their arguments as an object, and end with an empty piece (Workers AI)", () => {
		const calls = callsOf(
			{ index: 0, id: "a", function: { name: "bash", arguments: { command: "ls" } } },
			{ index: 0, id: null, function: { name: null, arguments: "" } },
			{ index: 1, id: null, function: { name: null } },
		);
		expect(calls).toEqual([{ type: "tool_call", id: "a", name: "bash", arguments: '{"command":"ls"}' }]);
	});
});

describe("why a model stopped", () => {
	const call = { tool_calls: [{ index: 0, id: "a", function: { name: "bash", arguments: "{}" } }] };

	it.each([
		["stop", [{ content: "Hi" }], "end_turn"],
		["length", [{ content: "Hi" }], "max_tokens"],
		["length", [call], "max_tokens"],
		["tool_calls", [call], "tool_calls"],
		["stop", [call], "tool_calls"],
		["content_filter", [{ content: "Hi" }], "refusal"],
		["stop", [{ refusal: "I can't." }], "refusal"],
		["something_new", [{ content: "Hi" }], "end_turn"],
		["tool_calls", [{ content: "Hi" }], "end_turn"],
	])("%s after %j is %s", (finish, deltas, stopReason) => {
		expect(answerOf(deltas, finish).stopReason).toBe(stopReason);
	});

	it("keeps the words of a refusal and drops its calls", () => {
		expect(answerOf([{ refusal: "I " }, { refusal: "can't." }, call]).message.content).toEqual([{ type: "text", text: "I can't." }]);
	});
});

it("cached tokens are not counted twice", () => {
	const answer = new ChatAnswer();
	answer.push({
		usage: { prompt_tokens: 100, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 } },
	});
	expect(answer.response([]).usage).toEqual({ input: 10, output: 5, cacheRead: 60, cacheWrite: 30 });
	answer.push({ usage: { prompt_tokens: 1, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 60 } } });
	expect(answer.response([]).usage.input).toBe(0);
});
