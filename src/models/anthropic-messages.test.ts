import { describe, expect, it } from "vitest";
import { messagesMistake } from "../../test/fakes/anthropic-rules.ts";
import { tool, user } from "../../test/fakes/ask.ts";
import { toAnthropicMessages, toAnthropicSystem, toAnthropicTool } from "./anthropic-messages.ts";
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

/** The wire form, without the cache breakpoint at its end. */
function wire(...messages: Message[]) {
	const made = toAnthropicMessages(messages);
	expect(messagesMistake({ model: "m", max_tokens: 1, stream: true, messages: made.map((message) => ({ ...message })) })).toBeUndefined();
	return JSON.parse(JSON.stringify(made, (name, value) => (name === "cache_control" ? undefined : value)));
}

describe("a transcript for the Messages API", () => {
	it("holds calls and their results as blocks", () => {
		expect(wire(user("list"), calls("a", "b"), results("a", "b"))).toEqual([
			{ role: "user", content: [{ type: "text", text: "list" }] },
			{
				role: "assistant",
				content: [
					{ type: "tool_use", id: "a", name: "bash", input: { command: "ls" } },
					{ type: "tool_use", id: "b", name: "bash", input: { command: "ls" } },
				],
			},
			{
				role: "user",
				content: [
					{ type: "tool_result", tool_use_id: "a", content: "out of a" },
					{ type: "tool_result", tool_use_id: "b", content: "out of b" },
				],
			},
		]);
	});

	it("puts results and the user's next words into one message, results first", () => {
		expect(wire(user("list"), calls("a"), results("a"), user("and now?")).at(-1)).toEqual({
			role: "user",
			content: [
				{ type: "tool_result", tool_use_id: "a", content: "out of a" },
				{ type: "text", text: "and now?" },
			],
		});
	});

	it("puts two user messages in a row into one", () => {
		expect(wire(user("one"), user("two"))).toEqual([{ role: "user", content: ["one", "two"].map((text) => ({ type: "text", text })) }]);
	});

	it("leaves out text that nobody can see, and messages that have nothing else", () => {
		expect(wire(user("", "hi", " \n"), says("  "), user("still there?"))).toEqual([
			{ role: "user", content: ["hi", "still there?"].map((text) => ({ type: "text", text })) },
		]);
	});

	it("marks errors, and gives a result without output one that the API accepts", () => {
		const failed: ToolMessage = { role: "tool", results: [{ id: "a", name: "bash", content: "", isError: true }] };
		expect(wire(user("go"), calls("a"), failed).at(-1).content).toEqual([
			{ type: "tool_result", tool_use_id: "a", content: "(no output)", is_error: true },
		]);
	});

	it("replays arguments that are no JSON object as one", () => {
		const broken: AssistantMessage = { role: "assistant", content: [{ type: "tool_call", id: "a", name: "bash", arguments: '{"comm' }] };
		expect(wire(user("go"), broken, results("a"))[1].content[0].input).toEqual({ invalid_json: '{"comm' });
	});

	it("gives ids that the API refuses others, the same for the call and its result", () => {
		const [, call, result] = wire(user("go"), calls("functions.bash:0"), results("functions.bash:0"));
		expect(call.content[0].id).toMatch(/^[a-zA-Z0-9_-]+$/);
		expect(result.content[0].tool_use_id).toBe(call.content[0].id);
	});
});

describe("the model's reasoning", () => {
	const thinking = (text: string) => ({ type: "thinking", thinking: text, signature: `signed ${text}` });
	const reasoned: AssistantMessage = {
		role: "assistant",
		content: [
			{ type: "text", text: "Looking." },
			{ type: "tool_call", id: "a", name: "bash", arguments: "{}" },
		],
		opaque: [
			{ provider: "anthropic", before: 0, json: JSON.stringify(thinking("first")) },
			{ provider: "anthropic", before: 1, json: JSON.stringify(thinking("second")) },
			{ provider: "another", before: 0, json: "{}" },
		],
	};
	const types = (message: { content: { type: string }[] }) => message.content.map((block) => block.type);

	it("is handed back in its place within the run", () => {
		const [, turn] = wire(user("go"), reasoned, results("a"));
		expect(types(turn)).toEqual(["thinking", "text", "thinking", "tool_use"]);
		expect(turn.content[0]).toEqual(thinking("first"));
	});

	it("is left out once the next run has begun", () => {
		const [, turn] = wire(user("go"), reasoned, results("a"), says("Done."), user("more"));
		expect(types(turn)).toEqual(["text", "tool_use"]);
	});
});

describe("prompt caching", () => {
	const breakpoints = (messages: Message[]) => JSON.stringify(toAnthropicMessages(messages)).split('"cache_control"').length - 1;

	it("has one breakpoint, on the last block, wherever the transcript ends", () => {
		const transcript: Message[] = [user("go"), calls("a", "b"), results("a", "b"), says("Done."), user("more")];
		for (const end of [1, 3, 5]) {
			const messages = transcript.slice(0, end);
			expect(breakpoints(messages)).toBe(1);
			expect(toAnthropicMessages(messages).at(-1)?.content.at(-1)).toMatchObject({ cache_control: { type: "ephemeral" } });
		}
	});

	it("covers the system prompt, and sends none when it is empty", () => {
		expect(toAnthropicSystem("Be kind.")).toEqual([{ type: "text", text: "Be kind.", cache_control: { type: "ephemeral" } }]);
		expect(toAnthropicSystem(" ")).toBeUndefined();
	});
});

it("a message is converted once, however often the transcript is sent", () => {
	const transcript: Message[] = [user("go"), calls("a"), results("a"), says("Done."), user("more")];
	const [first, second] = [toAnthropicMessages(transcript), toAnthropicMessages([...transcript, says("Yes."), user("again")])];
	for (const place of [0, 1, 2, 3]) expect(second[place]).toBe(first[place]);
});

it("a tool's parameters are passed on as they are", () => {
	const bash = tool("bash");
	expect(toAnthropicTool(bash)).toEqual({ name: "bash", description: bash.description, input_schema: bash.parameters });
	expect(toAnthropicTool(bash)).toBe(toAnthropicTool(bash));
});
