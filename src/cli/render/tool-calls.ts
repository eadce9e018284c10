import { withoutOutput } from "../../../durable-objects/session/cut-output.ts";
import { mainArgument } from "../../models/main-argument.ts";
import type { ToolCall } from "../../models/message.ts";
import { printable, type Style } from "./style.ts";
import { formatMs } from "./units.ts";

/** A tool call and what of it is on the screen. */
export interface CallView {
	/** The call's id, or the end of it: see {@link isCall}. */
	readonly id: string;
	readonly name: string;
	readonly title: string;
	/** Output so far. */
	readonly heard: string;
	/** `stopped`: it failed because the run was cancelled. */
	readonly result: { content: string; isError: boolean; stopped: boolean; durationMs: number } | undefined;
	/** Output that is on the screen. */
	readonly shown: string;
	readonly stage: "waiting" | "open" | "closed";
	/** The output on the screen ends with a newline, or there is none. */
	readonly lineStart: boolean;
}

export function newCall(id: string, name: string, title: string): CallView {
	return { id, name, title, heard: "", result: undefined, shown: "", stage: "waiting", lineStart: true };
}

/**
 * A session makes a call's id of its uid, the sequence number of the `model.completed` that asked for it, and the
 * call's place in that message (`durable-objects/session/evolve.ts`). The last two are enough to know it again.
 */
export function callIdEnd(seq: number, index: number): string {
	return `.${seq}.${index}`;
}

export function isCall(call: CallView, callId: string): boolean {
	return callId.endsWith(call.id);
}

const TITLE_LIMIT = 1_000;

/** One line, or a few, that say what is called: `bash $ npm test`, `read src/a.ts`. */
export function describeCall(call: Pick<ToolCall, "name" | "arguments">): string {
	const text = printable(`${call.name} ${mainArgument(call.arguments)}`).trim();
	const short = text.length > TITLE_LIMIT ? `${text.slice(0, TITLE_LIMIT)}…` : text;
	return short.split("\n").join("\n    ");
}

/** Writes what is new of the first unfinished call and of those finished before it. */
export function showCalls(calls: readonly CallView[], style: Style, lineStart: boolean): { calls: CallView[]; text: string } {
	let text = "";
	let blocked = false;
	const views = calls.map((call) => {
		if (blocked || call.stage === "closed") return call;
		if (call.stage === "waiting") text += `${lineStart ? "" : "\n"}${style.bold("●")} ${call.title}\n`;
		const body = call.result ? resultText(call.result.content, call.heard) : call.heard;
		const output = indent(printable(added(call.shown, body)), call.lineStart, style);
		text += output;
		const atLineStart = output === "" ? call.lineStart : output.endsWith("\n");
		blocked = call.result === undefined;
		if (!call.result) return { ...call, stage: "open" as const, shown: longer(call.shown, body), lineStart: atLineStart };
		text += `${atLineStart ? "" : "\n"}${closing(call.name, call.result, style)}`;
		lineStart = true;
		return { ...call, stage: "closed" as const, shown: "", heard: "", lineStart: true };
	});
	return { calls: views, text };
}

/**
 * What `body` says beyond what is on the screen. A result that is longer than a model may read has its middle cut out:
 * then it goes on where it leaves what was shown.
 */
export function added(shown: string, body: string): string {
	if (shown.startsWith(body)) return "";
	if (body.startsWith(shown)) return body.slice(shown.length);
	let same = 0;
	while (shown[same] === body[same]) same += 1;
	return `${shown.endsWith("\n") ? "" : "\n"}${body.slice(same)}`;
}

/** A result as it goes on behind the output that was shown: that of a command that was cut ends with that output. */
export function resultText(content: string, heard: string): string {
	const became = withoutOutput(content);
	return heard === "" || became === content ? content : `${heard}${heard.endsWith("\n") ? "" : "\n"}${became}`;
}

function longer(a: string, b: string): string {
	return a.length > b.length ? a : b;
}

function indent(text: string, lineStart: boolean, style: Style): string {
	if (text === "") return "";
	const bar = style.dim("  │ ");
	const lines = text.split("\n");
	const last = lines.length - 1;
	return lines
		.map((line, index) => {
			const begins = index > 0 || lineStart;
			// The text ends in a newline: the bar of the next line waits until there is one.
			const isEmptyEnd = index === last && line === "" && last > 0;
			return begins && !isEmptyEnd ? bar + line : line;
		})
		.join("\n");
}

function closing(name: string, result: { isError: boolean; stopped: boolean; durationMs: number }, style: Style): string {
	if (result.isError) return `  ✗ ${name} ${result.stopped ? "stopped" : "failed"} after ${formatMs(result.durationMs)}\n`;
	return result.durationMs >= 1000 ? `${style.dim(`  ✓ ${formatMs(result.durationMs)}`)}\n` : "";
}
