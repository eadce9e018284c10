import { describe, expect, it } from "vitest";
import { ask, failureOf, tool, user } from "../../test/fakes/ask.ts";
import type { Message } from "./message.ts";
import { toolCallsOf } from "./message.ts";
import { plan } from "./offline-plan.ts";
import { resolveModel } from "./registry.ts";

const shell = resolveModel("offline/shell", {});
const tools = ["bash", "read", "web_fetch"].map(tool);
const offered = new Set(["bash", "read", "web_fetch"]);

/** Drives the model to its answer as a session would; each call's output is what `run` says. */
async function drive(prompt: string, run: (name: string, args: string) => string | { error: string } = () => "ok", before: Message[] = []) {
	const messages: Message[] = [...before, user(prompt)];
	const turns: string[][] = [];
	for (;;) {
		const answer = await ask(shell, { messages, tools });
		messages.push(answer.message);
		const calls = toolCallsOf(answer.message);
		if (calls.length === 0) return { turns, messages, answer, text: answer.deltas.join("") };
		turns.push(calls.map((call) => `${call.name} ${call.arguments}`));
		const results = calls.map(({ id, name, arguments: raw }) => {
			const output = run(name, raw);
			return typeof output === "string"
				? { id, name, content: output, isError: false }
				: { id, name, content: output.error, isError: true };
		});
		messages.push({ role: "tool", results });
	}
}

describe("the commands in a message", () => {
	const lines = (text: string) =>
		plan(text, offered).turns.map((turn) => turn.map(({ tool: name, arguments: args }) => [name, ...Object.values(args)].join(" ")));

	it.each([
		["a shell prompt", "$ ls -la", [["bash ls -la"]]],
		["read", "read src/a.ts", [["read src/a.ts"]]],
		["fetch", "fetch https://example.com/x", [["web_fetch https://example.com/x"]]],
		["one turn each, in the order written", "$ one\nread two\n$ three", [["bash one"], ["read two"], ["bash three"]]],
		["among other words", "Please do:\n\n$ ls\n\nThanks!", [["bash ls"]]],
		["Windows line ends", "$ one\r\n$ two\r\n", [["bash one"], ["bash two"]]],
		[
			"|| puts a command into the turn before it",
			"$ one\n|| $ two\n|| read three\n$ four",
			[["bash one", "bash two", "read three"], ["bash four"]],
		],
		["|| first begins a turn", "|| $ one", [["bash one"]]],
		["shell operators are the shell's", "$ a || b && c # d", [["bash a || b && c # d"]]],
		["sentences are no commands", "read the docs\nfetch me a coffee please\ncosts $ 5\n  $ indented\n$\n$ ", []],
	])("%s", (_, text, turns) => {
		expect(lines(text)).toEqual(turns);
	});

	it("whose tool the agent lacks are refused, not called", () => {
		const { turns, refused } = plan("$ ls\nread a.txt", new Set(["bash"]));
		expect(turns).toHaveLength(1);
		expect(refused).toMatchObject([{ line: "read a.txt", tool: "read" }]);
	});
});

describe("a run of offline/shell", () => {
	it("does the commands one turn each and quotes what came of them", async () => {
		const { turns, text } = await drive("$ echo hi\nread a.txt", (name) => (name === "bash" ? "hi\n" : "1: text"));
		expect(turns).toEqual([['bash {"command":"echo hi"}'], ['read {"path":"a.txt"}']]);
		expect(text).toBe("I ran 2 commands.\n\n$ echo hi\nhi\n\nread a.txt\n1: text");
	});

	it("does parallel commands in one turn, with ids of their own", async () => {
		const { turns, messages } = await drive("$ one\n|| $ two\n$ three");
		expect(turns.map((turn) => turn.length)).toEqual([2, 1]);
		const ids = messages.flatMap((message) => (message.role === "assistant" ? toolCallsOf(message).map(({ id }) => id) : []));
		expect(new Set(ids).size).toBe(3);
	});

	it("goes on after a failed command and says so", async () => {
		const { text } = await drive("$ false\n$ true", (_, raw) => (raw.includes("false") ? { error: "exit code 1" } : ""));
		expect(text).toBe("I ran 2 commands, of which 1 failed.\n\n$ false (failed)\nexit code 1\n\n$ true\n(no output)");
	});

	it("quotes at most 2,000 characters of an output", async () => {
		const { text } = await drive("$ yes", () => "y".repeat(5_000));
		expect(text).toContain(`${"y".repeat(2_000)}\n[3000 more characters]`);
		expect(text).not.toContain("y".repeat(2_001));
	});

	it("looks at the last message only", async () => {
		const first = await drive("$ one");
		const second = await drive("$ two", () => "2", first.messages);
		expect(second.turns).toEqual([['bash {"command":"two"}']]);
		expect(second.text).toBe("I ran 1 command.\n\n$ two\n2");
	});

	it("says which commands it may not run", async () => {
		const answer = await ask(shell, { messages: [user("fetch https://example.com")], tools: [tool("bash")] });
		expect(answer.message.content).toMatchObject([
			{ text: "I did not run `fetch https://example.com`: this agent does not have the tool web_fetch." },
		]);
	});

	it("says what it is and how to get a real model when there is no command", async () => {
		const { turns, text, answer } = await drive("How are you?");
		expect(turns).toEqual([]);
		expect(text).toContain("I understand no language");
		expect(text).toContain("ANTHROPIC_API_KEY");
		expect(answer.deltas.length).toBeGreaterThan(2);
		expect(answer.stopReason).toBe("end_turn");
	});

	it("gives the same answer to a repeated call", async () => {
		const { messages } = await drive("$ one\n$ two");
		for (const length of [1, 3, 5]) {
			const again = () => ask(shell, { messages: messages.slice(0, length), tools });
			expect(await again()).toEqual(await again());
		}
	});

	it("counts its tokens from the text alone", async () => {
		const question = { system: "1234", messages: [user("12345678")], tools: [] };
		const { usage, deltas } = await ask(shell, question);
		expect(usage).toEqual({ input: 3, output: Math.ceil(deltas.join("").length / 4), cacheRead: 0, cacheWrite: 0 });
	});

	it("ends when it is cancelled", async () => {
		expect(await failureOf(ask(shell, { signal: AbortSignal.abort() }))).toMatchObject({ code: "Cancelled", retryable: false });
	});
});

it("offline has no other model", async () => {
	const error = await failureOf(ask(resolveModel("offline/gpt", {})));
	expect(error).toMatchObject({ code: "UnknownModel", retryable: false });
	expect(error.message).toContain("offline/shell");
});
