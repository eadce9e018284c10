import { OUTPUT_UNTIL_THEN, withoutOutput } from "../../../durable-objects/session/cut-output.ts";
import type { Journaled, LiveEvent, SessionEvent } from "../../../durable-objects/session/events.ts";
import { mainArgument } from "../../models/main-argument.ts";
import { type ToolCall, textOf, toolCallsOf } from "../../models/message.ts";

/** One line of a log, without its newline. */
export interface LogLine {
	/** Milliseconds since the epoch. */
	at: number;
	text: string;
}

/** Before each line of what a person or a channel said. */
const PROMPT = "> ";
/** Before a tool call; its command goes on with {@link INDENT}. */
const CALL = "● ";
/** Before each line of a tool's output. */
const INDENT = "  ";
/** Before what went wrong, and what is waited for. */
const NOTE = "! ";

/**
 * A session's journal as the log of a pod: what was said, the tools that were called and what they put out, line by line.
 * What is shown while it is being said is not said again when the journal has it.
 */
export class LogText {
	readonly #open = new Map<string, Shown>();
	#node: string | undefined;
	#answer = "";

	/** The lines that an event of the journal adds. */
	journaled({ at, event }: Journaled): LogLine[] {
		return this.#lines(event).map((text) => ({ at, text: printable(text) }));
	}

	/** The whole lines that a piece of live text completes. @param at in milliseconds since the epoch */
	live(event: LiveEvent, at: number): LogLine[] {
		const [id, prefix] =
			event.type === "tool.output" ? [`tool ${event.callId}`, INDENT] : [`model ${event.run} ${event.step} ${event.attempt}`, ""];
		const shown = this.#open.get(id) ?? { heard: "", printed: 0, torn: false };
		this.#open.set(id, shown);
		if (event.position > shown.heard.length) shown.torn = true;
		if (shown.torn) return [];
		shown.heard += event.text.slice(shown.heard.length - event.position);
		const end = shown.heard.lastIndexOf("\n") + 1;
		const fresh = shown.heard.slice(shown.printed, end);
		shown.printed = Math.max(shown.printed, end);
		return linesOf(fresh, prefix).map((text) => ({ at, text: printable(text) }));
	}

	#lines(event: SessionEvent): string[] {
		switch (event.type) {
			case "message.accepted":
				return linesOf(event.text, PROMPT);
			case "model.completed": {
				this.#answer = textOf(event.message);
				const said = this.#rest((id) => id.startsWith(`model ${event.run} ${event.step} `), this.#answer);
				return [...linesOf(said, ""), ...toolCallsOf(event.message).flatMap(callLines)];
			}
			case "model.failed":
				this.#rest((id) => id.startsWith(`model ${event.run} ${event.step} `), "");
				return linesOf(`${event.code}: ${event.message}`, NOTE);
			case "tool.completed": {
				const rest = this.#rest((id) => id === `tool ${event.callId}`, event.content);
				// What a command that was cut had printed stands above.
				const output = rest.endsWith(OUTPUT_UNTIL_THEN) ? withoutOutput(rest) : rest;
				return [...linesOf(output, INDENT), ...(event.isError ? [`${NOTE}${event.name} failed`] : [])];
			}
			case "tool.waiting":
			case "node.silent":
			case "lease.queued":
				return linesOf(event.message, NOTE);
			case "node.heard":
				return [`* node ${event.node} is back`];
			case "lease.granted": {
				const moved = this.#node !== event.lease.node;
				this.#node = event.lease.node;
				return moved ? [`* node ${event.lease.node}`] : [];
			}
			case "lease.released":
				return event.reason === undefined ? [] : [`* node given back: ${event.reason}`];
			case "workspace.abandoned":
				return linesOf(`files that were in no checkpoint were given up: ${event.reason}`, NOTE);
			case "workspace.lost":
				return linesOf(`files that were in no checkpoint were lost with node ${event.node}`, NOTE);
			case "cancel.requested":
				return linesOf(`cancelled by ${event.by}${event.reason === "" ? "" : `: ${event.reason}`}`, NOTE);
			case "run.finished": {
				if (event.phase !== "Succeeded") return linesOf(`${event.run} ${event.phase} (${event.code}): ${event.message}`, NOTE);
				return event.result === this.#answer ? [] : linesOf(event.result, "");
			}
			default:
				return [];
		}
	}

	/** What of a whole text is not on the screen yet. */
	#rest(isIt: (id: string) => boolean, whole: string): string {
		const ids = [...this.#open.keys()].filter(isIt);
		const shown = ids.map((id) => this.#open.get(id)).at(-1);
		for (const id of ids) this.#open.delete(id);
		if (!shown || shown.printed === 0) return whole;
		const printed = shown.heard.slice(0, shown.printed);
		// A failed command's result begins with its exit code, and its output follows.
		const at = whole.indexOf(printed.trimEnd());
		if (at >= 0) return whole.slice(0, at) + whole.slice(at + printed.trimEnd().length).replace(/^\n/, "");
		// A long result lacks its middle: it goes on where it leaves what was shown.
		let same = 0;
		while (same < printed.length && printed[same] === whole[same]) same += 1;
		return whole.slice(whole.lastIndexOf("\n", same) + 1);
	}
}

/** Live text of one model call or tool: what came, and how much of it was printed as whole lines. */
interface Shown {
	heard: string;
	printed: number;
	/** A piece is missing: the rest waits for the journal. */
	torn: boolean;
}

function callLines({ name, arguments: raw }: ToolCall): string[] {
	const [first = "", ...more] = linesOf(mainArgument(raw), "");
	return [`${CALL}${name} ${first}`.trimEnd(), ...more.map((line) => `${INDENT}${INDENT}${line}`)];
}

function linesOf(text: string, prefix: string): string[] {
	const trimmed = text.replace(/\r?\n$/, "");
	return trimmed === "" ? [] : trimmed.split(/\r?\n/).map((line) => prefix + line);
}

/** Escape sequences and control characters could do things to whoever's terminal shows the log. */
function printable(text: string): string {
	return text.replace(ESCAPES, "").replace(CONTROLS, "");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** RFC 3339 with nine digits, as the kubelet writes it. */
export function logTime(at: number): string {
	return new Date(at).toISOString().replace("Z", "000000Z");
}
