import { expect, it } from "vitest";
import type { LiveEvent, SessionEvent } from "../../../durable-objects/session/events.ts";
import { NO_USAGE } from "../../models/message.ts";
import type { StreamItem } from "../follow.ts";
import { LiveLog } from "./live-log.ts";

const run = "run-1";
const event = (seq: number, event: SessionEvent): StreamItem => ({ seq, at: 0, event });
const delta = (position: number, text: string, attempt = 1): LiveEvent => ({ type: "model.delta", run, step: 1, attempt, position, text });
const output = (callId: string, position: number, text: string): LiveEvent => ({ type: "tool.output", run, callId, position, text });
const started = (seq: number, ...calls: string[]) =>
	event(seq, { type: "tools.started", run, calls: calls.map((callId) => ({ callId, name: "bash", node: "n", giveUpAt: 0 })) });
const done = (seq: number, callId: string, content: string) =>
	event(seq, { type: "tool.completed", run, callId, name: "bash", content, isError: false, durationMs: 5 });
const said = (seq: number, text: string) =>
	event(seq, {
		type: "model.completed",
		run,
		step: 1,
		message: { role: "assistant", content: [{ type: "text", text }] },
		stopReason: "end_turn",
		usage: NO_USAGE,
		durationMs: 5,
	});
const at = "1970-01-01T00:00:00.000Z";
const TITLE = "     … tool.output bash\n";
const ENDED = `tool.completed bash, 5 ms\n`;

/** The log so far, as it stands on the terminal. */
function watch(...items: StreamItem[]): string {
	const log = new LiveLog();
	return items.map((item) => log.push(item)).join("");
}

it("shows what a command prints while it runs", () => {
	expect(watch(started(1, "c"), output("c", 0, "one\ntw"))).toBe(`   1 ${at} tools.started bash on n\n${TITLE}     one\n     tw`);
});

it("shows each character once, however the pieces come and whatever the event at the end repeats", () => {
	const pieces = [output("c", 0, "one\ntw"), output("c", 0, "one\n"), output("c", 4, "two\n"), output("c", 99, "lost")];
	expect(watch(started(1, "c"), ...pieces, done(2, "c", "one\ntwo\nthree\n"))).toBe(
		`   1 ${at} tools.started bash on n\n${TITLE}     one\n     two\n     three\n   2 ${at} ${ENDED}`,
	);
});

it("shows a call of which nothing came live as the journal has it", () => {
	expect(watch(done(2, "c", "one\n"))).toBe(`   2 ${at} tool.completed bash, 5 ms\n     one\n`);
});

it("names the call again when another one has printed in between", () => {
	expect(watch(started(1, "a", "b"), output("a", 0, "A"), output("b", 0, "B\n"), output("a", 1, "A\n"))).toBe(
		`   1 ${at} tools.started bash on n, bash on n\n${TITLE}     A\n${TITLE}     B\n${TITLE}     A\n`,
	);
});

it("shows a model's text as it comes, and anew when the model is asked again and says something else", () => {
	const title = "     … model.delta step 1\n";
	const head = `   2 ${at} model.completed step 1, 0 tokens in, 0 out, 5 ms\n`;
	expect(watch(delta(0, "Hel"), delta(3, "lo"), said(2, "Hello."))).toBe(`${title}     Hello.\n${head}`);
	expect(watch(delta(0, "Hello"), delta(0, "Help"), said(2, "Help."))).toBe(`${title}     Hello\n${title}     Help.\n${head}`);
	expect(watch(delta(0, "Hel"), delta(0, "Bye", 2), said(2, "Bye"))).toBe(`${title}     Hel\n${title}     Bye\n${head}`);
});

it("ends the line that is under way when it is left", () => {
	const log = new LiveLog();
	log.push(output("c", 0, "half"));
	expect(log.end()).toBe("\n");
	expect(log.end()).toBe("");
});
