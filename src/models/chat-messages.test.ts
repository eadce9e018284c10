import { describe, expect, it } from "vitest";
import { tool, user } from "../../test/fakes/ask.ts";
import { chatMistake } from "../../test/fakes/openai-rules.ts";
import { toChatMessages, toChatTool } from "./chat-messages.ts";
import type { AssistantMessage, Message, ToolMessage } from "./message.ts";

const calls = (...ids: string[]): AssistantMessage => ({
	role: "assistant",
	content: ids.map((id) => ({ type: "tool_call", id, name: "bash", arguments: '{"command":"ls"}' })),
});
const results = (...ids: string[]): ToolMessage => ({
	role: "tool",
	results: ids.map((id) => ({ id, name: "bash", content: `out of ${id}`, isError: false })),
});
const says = (text: string): AssistantMessage => ({ role: "assistant", content: [{ type: "text", text }] });

function wire(system: string, ...messages: Message[]) {
	const made = toChatMessages(system, messages);
	expect(chatMistake({ model: "m", stream: true, messages: made.map((message) => ({ ...message })) })).toBeUndefined();
	return made;
}

describe("a transcript for the Chat Completions API", () => {
	it("holds the system prompt, the calls and one message for each result, in call order", () => {
		expect(wire("Be kind.", user("list"), calls("a", "b"), results("a", "b"), says("Done."))).toEqual([
			{ role: "system", content: "Be kind." },
			{ role: "user", content: "list" },
			{
				role: "assistant",
				content: null,
				tool_calls: ["a", "b"].map((id) => ({ id, type: "function", function: { name: "bash", arguments: '{"command":"ls"}' } })),
			},
			{ role: "tool", tool_call_id: "a", content: "out of a" },
			{ role: "tool", tool_call_id: "b", content: "out of b" },
			{ role: "assistant", content: "Done." },
		]);
	});

	it("says in the text that a result is an error, and that there was no output", () => {
		const mixed: ToolMessage = {
			role: "tool",
			results: [
				{ id: "a", name: "bash", content: "no such file", isError: true },
				{ id: "b", name: "bash", content: "", isError: false },
			],
		};
		expect(wire("", user("go"), calls("a", "b"), mixed).slice(2)).toEqual([
			{ role: "tool", tool_call_id: "a", content: "Error: no such file" },
			{ role: "tool", tool_call_id: "b", content: "(no output)" },
		]);
	});

	it("puts two user messages in a row into one", () => {
		expect(wire("", user("one"), user("two"), says("Yes."))).toEqual([
			{ role: "user", content: "one\n\ntwo" },
			{ role: "assistant", content: "Yes." },
		]);
	});

	it("leaves out messages without visible text", () => {
		expect(wire(" ", user("hi"), says(" \n"), user(""))).toEqual([{ role: "user", content: "hi" }]);
	});

	it("replays arguments that are no JSON object as one", () => {
		const broken: AssistantMessage = {
			role: "assistant",
			content: ['{"comm', ""].map((raw, n) => ({ type: "tool_call", id: `c${n}`, name: "bash", arguments: raw })),
		};
		expect(wire("", user("go"), broken, results("c0", "c1"))[1]).toMatchObject({
			tool_calls: [{ function: { arguments: '{"invalid_json":"{\\"comm"}' } }, { function: { arguments: "{}" } }],
		});
	});

	it("gives ids that are too long others, the same for the call and its result", () => {
		const long = "x".repeat(50);
		const [, call, result] = wire("", user("go"), calls(long), results(long));
		expect(result).toMatchObject({ tool_call_id: expect.stringMatching(/^call_/) });
		expect(call).toMatchObject({ tool_calls: [{ id: result && "tool_call_id" in result ? result.tool_call_id : undefined }] });
	});
});

it("a message is converted once, however often the transcript is sent", () => {
	const transcript: Message[] = [user("go"), calls("a"), results("a"), says("Done.")];
	const [first, second] = [toChatMessages("s", transcript), toChatMessages("s", [...transcript, user("more")])];
	for (const place of [1, 2, 3, 4]) expect(second[place]).toBe(first[place]);
});

it("a tool's parameters are passed on as they are", () => {
	const bash = tool("bash");
	expect(toChatTool(bash)).toEqual({
		type: "function",
		function: { name: "bash", description: bash.description, parameters: bash.parameters },
	});
	expect(toChatTool(bash)).toBe(toChatTool(bash));
});
