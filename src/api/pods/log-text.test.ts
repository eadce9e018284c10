import { describe, expect, it } from "vitest";
import { OUTPUT_UNTIL_THEN } from "../../../durable-objects/session/cut-output.ts";
import type { LiveEvent, SessionEvent } from "../../../durable-objects/session/events.ts";
import { NO_USAGE } from "../../models/message.ts";
import { LogText, logTime } from "./log-text.ts";

const LEASE = { id: "l", session: "ns/s", node: "n1", incarnation: 1, expiresAt: 0 };
const said = (run: string, step: number, text: string, ...calls: [name: string, args: unknown][]): SessionEvent => ({
	...{ type: "model.completed", run, step, stopReason: "end_turn", usage: NO_USAGE, durationMs: 1 },
	message: {
		role: "assistant",
		content: [
			...(text === "" ? [] : [{ type: "text" as const, text }]),
			...calls.map(([name, args]) => ({ type: "tool_call" as const, id: "c", name, arguments: JSON.stringify(args) })),
		],
	},
});
const done = (content: string, isError = false): SessionEvent => {
	return { type: "tool.completed", run: "r", callId: "c1", name: "bash", content, isError, durationMs: 1 };
};
const output = (position: number, text: string): LiveEvent => ({ type: "tool.output", run: "r", callId: "c1", position, text });
const delta = (position: number, text: string, attempt = 1): LiveEvent => ({
	type: "model.delta",
	run: "r",
	step: 1,
	attempt,
	position,
	text,
});
const finished = (phase: "Succeeded" | "Failed" | "Cancelled", code: string, message: string, result = ""): SessionEvent => {
	return { type: "run.finished", run: "r", phase, code, message, result, iterations: 1, usage: NO_USAGE };
};

/** The lines of these events: durable ones have a `run.finished` or the like, live ones a position. */
function lines(...events: (SessionEvent | LiveEvent)[]): string[] {
	const log = new LogText();
	return events
		.flatMap((event, seq) => ("position" in event ? log.live(event, 0) : log.journaled({ seq, at: 0, event })))
		.map(({ text }) => text);
}

describe("a log", () => {
	it.each<[string, SessionEvent[], string[]]>([
		[
			"what a person said, line by line",
			[{ type: "message.accepted", run: "r", key: "k", text: "one\ntwo\n", deadlineMs: 1 }],
			["> one", "> two"],
		],
		["what the model said", [said("r", 1, "Hello.\n\nBye.")], ["Hello.", "", "Bye."]],
		["the command of a call", [said("r", 1, "", ["bash", { command: "npm test" }])], ["● bash $ npm test"]],
		["a command of two lines", [said("r", 1, "", ["bash", { command: "cd a\nls" }])], ["● bash $ cd a", "    ls"]],
		["the path of a call", [said("r", 1, "", ["read", { path: "a.ts" }])], ["● read a.ts"]],
		["all arguments of another call", [said("r", 1, "", ["x", { a: 1 }])], ['● x {"a":1}']],
		["what a tool put out", [done("one\ntwo")], ["  one", "  two"]],
		["that a tool failed", [done("exit code 1\nno", true)], ["  exit code 1", "  no", "! bash failed"]],
		["why a session waits", [{ type: "lease.queued", run: "r", message: "0/1 nodes are available." }], ["! 0/1 nodes are available."]],
		[
			"that its machine does not speak, and that it does again",
			[
				{ type: "node.silent", run: "r", node: "n1", incarnation: 1, since: 0, message: "Node n1 is not connected." },
				{ type: "node.heard", run: "r", node: "n1", incarnation: 1 },
			],
			["! Node n1 is not connected.", "* node n1 is back"],
		],
		["the node once, however often its lease is renewed", [1, 2].map(() => ({ type: "lease.granted", lease: LEASE })), ["* node n1"]],
		[
			"that a node was taken back",
			[{ type: "lease.released", id: "l", reason: "evicted by jane" }],
			["* node given back: evicted by jane"],
		],
		[
			"that files were given up",
			[{ type: "workspace.abandoned", by: "jane", reason: "evicted by jane" }],
			["! files that were in no checkpoint were given up: evicted by jane"],
		],
		["that files were lost", [{ type: "workspace.lost", node: "n" }], ["! files that were in no checkpoint were lost with node n"]],
		["nothing of a node that was not needed any more", [{ type: "lease.released", id: "l" }], []],
		["an answer once", [said("r", 1, "42"), finished("Succeeded", "Completed", "", "42")], ["42"]],
		["an answer that no model gave last", [finished("Succeeded", "Completed", "", "42")], ["42"]],
		["why a run failed", [finished("Failed", "MaxIterations", "Too many.")], ["! r Failed (MaxIterations): Too many."]],
		["who cancelled", [{ type: "cancel.requested", run: "r", by: "jane", reason: "enough" }], ["! cancelled by jane: enough"]],
		[
			"nothing of the machinery",
			[
				{ type: "drive.started", run: "r", fence: 2 },
				{ type: "delivered", id: "x" },
			],
			[],
		],
		[
			"no escape sequences, and no control characters",
			[done("\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007tab\there\r\n")],
			["  red tab\there"],
		],
	])("has %s", (_, events, expected) => {
		expect(lines(...events)).toEqual(expected);
	});
});

describe("a log that is followed", () => {
	it("has whole lines of output as they come, and none of them twice", () => {
		expect(lines(output(0, "on"), output(2, "e\ntw"), output(7, "o\nthr"))).toEqual(["  one"]);
		expect(lines(output(0, "one\ntw"), output(6, "o\nthr"), done("one\ntwo\nthree"))).toEqual(["  one", "  two", "  three"]);
		expect(lines(output(0, "one\ntwo\n"), done("one\ntwo"))).toEqual(["  one", "  two"]);
	});

	it("has what the model says in the same way", () => {
		expect(lines(delta(0, "Hello\nthe"), delta(9, "re"), said("r", 1, "Hello\nthere"))).toEqual(["Hello", "there"]);
	});

	it("begins again when the model has to", () => {
		const failed: SessionEvent = { type: "model.failed", run: "r", step: 1, attempt: 1, code: "Overloaded", message: "Busy.", retryAt: 1 };
		expect(lines(delta(0, "Hel\n"), failed, delta(0, "Hello\n", 2), said("r", 1, "Hello\n"))).toEqual([
			"Hel",
			"! Overloaded: Busy.",
			"Hello",
		]);
	});

	it("drops what it has seen already", () => {
		expect(lines(output(0, "one\n"), output(0, "one\ntwo\n"))).toEqual(["  one", "  two"]);
	});

	it("says the whole at the end when a piece is missing", () => {
		expect(lines(output(5, "late\n"), done("early\nlate"))).toEqual(["  early", "  late"]);
	});

	it("adds the exit code of a failed command to the output that was shown", () => {
		expect(lines(output(0, "one\n"), done("exit code 2\none\ntwo", true))).toEqual(["  one", "  exit code 2", "  two", "! bash failed"]);
	});

	it("has what a command printed once, also when it was cut and its result repeats that", () => {
		const cut = done(`outcome unknown: it was cut.${OUTPUT_UNTIL_THEN}one\n`, true);
		expect(lines(output(0, "one\n"), cut)).toEqual(["  one", "  outcome unknown: it was cut.", "! bash failed"]);
		expect(lines(cut)).toEqual(["  outcome unknown: it was cut.", "  ", "  Output until then:", "  one", "! bash failed"]);
	});

	it("goes on where the middle of a long output is left out", () => {
		expect(lines(output(0, "one\ntwo\nthree\nfour\n"), done("one\ntwo\n... (left out) ...\nten"))).toEqual([
			...["  one", "  two", "  three", "  four"],
			...["  ... (left out) ...", "  ten"],
		]);
	});
});

it("times have nine digits, as the kubelet's", () => {
	expect(logTime(Date.parse("2026-10-26T12:00:00.5Z"))).toBe("2026-10-26T12:00:00.500000000Z");
});
