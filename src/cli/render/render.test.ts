import { describe, expect, it } from "vitest";
import { OUTPUT_UNTIL_THEN } from "../../../durable-objects/session/cut-output.ts";
import type { LiveEvent, SessionEvent } from "../../../durable-objects/session/events.ts";
import { NO_USAGE } from "../../models/message.ts";
import type { StreamItem } from "../follow.ts";
import { type RenderOptions, render, startRendering } from "./render.ts";

const run = "run-1";
const event = (seq: number, event: SessionEvent): StreamItem => ({ seq, at: 1_000_000, event });
const delta = (position: number, text: string, attempt = 1): LiveEvent => ({ type: "model.delta", run, step: 1, attempt, position, text });
const output = (callId: string, position: number, text: string): LiveEvent => ({ type: "tool.output", run, callId, position, text });
const said = (seq: number, text: string, ...calls: { name: string; arguments: string }[]): StreamItem =>
	event(seq, {
		type: "model.completed",
		run,
		step: 1,
		message: {
			role: "assistant",
			content: [
				...(text === "" ? [] : [{ type: "text" as const, text }]),
				...calls.map((call, index) => ({ type: "tool_call" as const, id: `c${index}`, ...call })),
			],
		},
		stopReason: calls.length > 0 ? "tool_calls" : "end_turn",
		usage: NO_USAGE,
		durationMs: 5,
	});
const bash = (command: string) => ({ name: "bash", arguments: JSON.stringify({ command }) });
const done = (seq: number, callId: string, content: string, more: { isError?: boolean; durationMs?: number } = {}): StreamItem =>
	event(seq, { type: "tool.completed", run, callId, name: "bash", content, isError: false, durationMs: 3, ...more });
const finished = (seq: number, phase: "Succeeded" | "Failed" = "Succeeded"): StreamItem =>
	event(seq, {
		type: "run.finished",
		run,
		phase,
		code: phase === "Failed" ? "MissingKey" : "Completed",
		message: phase === "Failed" ? "Set ANTHROPIC_API_KEY." : "",
		result: "",
		iterations: 2,
		usage: { input: 10, output: 5, cacheRead: 3, cacheWrite: 2 },
	});
const retry: StreamItem = event(9, {
	type: "model.failed",
	run,
	step: 1,
	attempt: 1,
	code: "StreamBroken",
	message: "The stream ended half-way.",
	retryAt: 1_002_000,
});

function screen(items: StreamItem[], options: Partial<RenderOptions> = {}): string {
	let state = startRendering(options);
	let text = "";
	for (const item of items) {
		const rendered = render(state, item);
		state = rendered.state;
		text += rendered.text;
	}
	return text;
}

describe("a model's text", () => {
	it.each([
		["as it comes", [delta(0, "Hel"), delta(3, "lo"), said(2, "Hello")], "Hello\n"],
		["whole, when none of it came live", [said(2, "Hello")], "Hello\n"],
		["with the rest that did not come live", [delta(0, "Hel"), said(2, "Hello")], "Hello\n"],
		["once, when a reconnection sends it from the start", [delta(0, "Hel"), delta(0, "Hel"), delta(3, "lo"), said(2, "Hello")], "Hello\n"],
		["once, when pieces overlap", [delta(0, "Hel"), delta(1, "ello"), said(2, "Hello")], "Hello\n"],
		[
			"once, when the model is asked again and says the same",
			[delta(0, "Hel"), delta(0, "He", 2), delta(2, "llo", 2), said(2, "Hello")],
			"Hello\n",
		],
		["without a piece that has a gap before it", [delta(0, "He"), delta(4, "o"), said(2, "Hello")], "Hello\n"],
		[
			"anew, when the model is asked again and says something else",
			[delta(0, "Hel"), delta(0, "Bye", 2), said(2, "Bye")],
			"Hel\n(asked again)\nBye\n",
		],
		[
			"anew after a failed call, with the reason",
			[delta(0, "Hel"), retry, delta(0, "Hello", 2), said(10, "Hello")],
			"Hel\n(the model call failed (StreamBroken): The stream ended half-way. Asking again in 2.0 s.)\nHello\n",
		],
		["without characters that drive a terminal", [delta(0, "a\x1b]0;x\x07\x1b[2Jb\rc")], "ab\nc"],
	])("is shown %s", (_, items, expected) => {
		expect(screen(items)).toBe(expected);
	});

	it("is left out but for what stands between tool calls, when the answer goes elsewhere", () => {
		const items = [delta(0, "Let"), said(2, "Let me see.", bash("ls")), done(3, "u.2.0", "a"), said(4, "There is a.")];
		expect(screen(items, { text: "between" })).toBe("Let me see.\n● bash $ ls\n  │ a\n");
	});
});

describe("tool calls", () => {
	it("show their output as it comes and the rest of the result when it is there, each character once", () => {
		const items = [
			said(2, "", bash("make")),
			output("u.2.0", 0, "one\ntw"),
			output("u.2.0", 0, "one\ntwo\n"),
			done(3, "u.2.0", "one\ntwo\nthree\n[exit code 0]"),
		];
		expect(screen(items)).toBe("● bash $ make\n  │ one\n  │ two\n  │ three\n  │ [exit code 0]\n");
	});

	it("show an output before it is complete", () => {
		expect(screen([said(2, "", bash("make")), output("u.2.0", 0, "compiling")])).toBe("● bash $ make\n  │ compiling");
	});

	it("that run at once are shown one after the other, in the order of the model", () => {
		const items = [
			said(2, "Both.", bash("a"), bash("b")),
			output("u.2.1", 0, "B1\n"),
			output("u.2.0", 0, "A1\n"),
			done(3, "u.2.1", "B1\nB2\n"),
			output("u.2.0", 3, "A2\n"),
			done(4, "u.2.0", "A1\nA2\n"),
		];
		expect(screen(items)).toBe("Both.\n● bash $ a\n  │ A1\n  │ A2\n● bash $ b\n  │ B1\n  │ B2\n");
	});

	it("say that they failed, and how long they took when it was long", () => {
		expect(screen([said(2, "", bash("x")), done(3, "u.2.0", "no", { isError: true, durationMs: 40 })])).toBe(
			"● bash $ x\n  │ no\n  ✗ bash failed after 40 ms\n",
		);
		expect(screen([said(2, "", bash("x")), done(3, "u.2.0", "ok\n", { durationMs: 2400 })])).toBe("● bash $ x\n  │ ok\n  ✓ 2.4 s\n");
	});

	it("whose result has its middle cut go on at the cut", () => {
		const items = [said(2, "", bash("yes")), output("u.2.0", 0, "1\n2\n3\n4\n"), done(3, "u.2.0", "1\n2\n[90 characters cut]\n9\n")];
		expect(screen(items)).toBe("● bash $ yes\n  │ 1\n  │ 2\n  │ 3\n  │ 4\n  │ [90 characters cut]\n  │ 9\n");
	});

	it.each([
		[{ name: "read", arguments: '{"path":"a.txt","limit":3}' }, "read a.txt"],
		[{ name: "web_fetch", arguments: '{"url":"https://x.example"}' }, "web_fetch https://x.example"],
		[{ name: "odd", arguments: '{"a":1}' }, 'odd {"a":1}'],
		[{ name: "odd", arguments: "{oops" }, "odd {oops"],
		[{ name: "odd", arguments: "{}" }, "odd"],
		[bash("set -e\nmake"), "bash $ set -e\n    make"],
	])("are titled by what they do: %o", (call, title) => {
		expect(screen([said(2, "", call)])).toBe(`● ${title}\n`);
	});

	it("of which the reader missed the beginning are shown by their name", () => {
		expect(screen([done(3, "u.2.0", "late\n")])).toBe("● bash\n  │ late\n");
	});
});

describe("a run", () => {
	it("ends with what it took", () => {
		expect(screen([delta(0, "Hi"), said(2, "Hi"), finished(3)])).toBe("Hi\n(2 steps, 15 tokens in, 5 out)\n");
	});

	it("that failed says why", () => {
		expect(screen([finished(3, "Failed")])).toBe("✗ Failed (MissingKey): Set ANTHROPIC_API_KEY.\n(2 steps, 15 tokens in, 5 out)\n");
	});

	it("that is cancelled says so once, that its call was stopped, and nothing of what it did not take", () => {
		const cancel = event(3, { type: "cancel.requested", run, by: "x", reason: "" });
		const cancelled = (iterations: number) =>
			event(5, {
				type: "run.finished",
				run,
				phase: "Cancelled",
				code: "Cancelled",
				message: "Cancelled by x.",
				result: "",
				iterations,
				usage: NO_USAGE,
			});
		const stopped = done(4, "u.2.0", "", { isError: true, durationMs: 4500 });
		expect(screen([said(2, "", bash("sleep")), cancel, stopped, cancelled(1)])).toBe(
			"● bash $ sleep\n(cancelling)\n  ✗ bash stopped after 4.5 s\n✗ Cancelled: Cancelled by x.\n(1 step, 0 tokens in, 0 out)\n",
		);
		expect(screen([cancelled(0)])).toBe("✗ Cancelled: Cancelled by x.\n");
		expect(screen([cancel, cancelled(0), said(7, "", bash("x")), done(8, "u.7.0", "", { isError: true })])).toContain("bash failed after");
	});

	it("that waits for a node says so", () => {
		const queued = event(2, { type: "lease.queued", run, message: "0/0 nodes are available." });
		expect(screen([queued])).toBe("(waiting for a node: 0/0 nodes are available.)\n");
	});

	it("says that its machine does not speak, and goes on with its output where it is back", () => {
		const at = { run, node: "n1", incarnation: 1 };
		const silent = event(4, { type: "node.silent", ...at, since: 0, message: "Node n1 is not connected." });
		const heard = event(5, { type: "node.heard", ...at });
		const items = [said(2, "", bash("make")), output("u.2.0", 0, "half a"), silent, heard, output("u.2.0", 6, " line\n")];
		expect(screen(items)).toBe("● bash $ make\n  │ half a\n(Node n1 is not connected.)\n(node n1 is back)\n  │  line\n");
	});

	it("shows what a command printed once, also when it was cut and its result repeats that", () => {
		const cut = done(4, "u.2.0", `outcome unknown: it was cut.${OUTPUT_UNTIL_THEN}one\n`, { isError: true, durationMs: 12_000 });
		expect(screen([said(2, "", bash("make")), output("u.2.0", 0, "one\n"), cut])).toBe(
			"● bash $ make\n  │ one\n  │ outcome unknown: it was cut.\n  ✗ bash failed after 12 s\n",
		);
	});

	it("is shown with what the user said when it is history", () => {
		const accepted = event(1, { type: "message.accepted", run, key: "k", text: "Hello?", deadlineMs: 1 });
		expect(screen([accepted, said(2, "Yes.")], { prompts: true })).toBe("> Hello?\nYes.\n");
		expect(screen([accepted, said(2, "Yes.")])).toBe("Yes.\n");
	});
});
