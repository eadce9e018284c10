/** What a command had printed when klaw gave it up: the end of its result, for the model. */
import type { SessionEvent } from "./events.ts";

/** Stands between what became of a command and what it had printed. */
export const OUTPUT_UNTIL_THEN = "\n\nOutput until then:\n";

/** Characters of the output that are told: its beginning, and twice as much of its end, where a command says how far it is. */
const BEGINNING = 4_000;
const END = 8_000;

/** A piece of a command's output. `from` counts the characters before it. */
export interface Printed {
	from: number;
	text: string;
}

/**
 * A result that klaw wrote itself, because the node's did not come, with what the command had printed until then.
 *
 * @param printed what is known of its output, in order: after a restart there may be less, or nothing
 */
export function withOutput(event: SessionEvent, printed: (callId: string) => Printed[]): SessionEvent {
	if (event.type !== "tool.completed" || !event.isError) return event;
	const output = excerpt(printed(event.callId));
	return output === "" ? event : { ...event, content: `${event.content}${OUTPUT_UNTIL_THEN}${output}` };
}

/** What became of a command, without its output: what its node is told when it is to stop it. */
export function withoutOutput(content: string): string {
	const at = content.indexOf(OUTPUT_UNTIL_THEN);
	return at === -1 ? content : content.slice(0, at);
}

function excerpt(pieces: readonly Printed[]): string {
	let known = 0;
	let text = "";
	for (const { from, text: piece } of shortened(pieces)) {
		if (from > known) text += `${text === "" || text.endsWith("\n") ? "" : "\n"}... (${from - known} characters are left out here) ...\n`;
		text += piece;
		known = from + piece.length;
	}
	return text.toWellFormed();
}

/** The beginning of the first piece, and the end of the whole. */
export function shortened(pieces: readonly Printed[]): Printed[] {
	const [first] = pieces;
	const last = pieces.at(-1);
	if (!first || !last) return [];
	const [head, end] = [first.from + BEGINNING, last.from + last.text.length - END];
	return pieces.flatMap(({ from, text }) => {
		const to = from + text.length;
		if (end <= head || to <= head || from >= end) return [{ from, text }];
		const begins = { from, text: text.slice(0, Math.max(0, head - from)) };
		const skipped = Math.max(0, end - from);
		const ends = { from: from + skipped, text: text.slice(skipped) };
		return [begins, ends].filter((piece) => piece.text !== "");
	});
}
