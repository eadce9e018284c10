/** What stands for what was cut. */
const ELLIPSIS = "…";

/**
 * A text of `longest` UTF-16 code units at most. What says what went wrong is the beginning of a message, and what a log
 * says last is its end, which is given twice the room: what is cut is between, and no character is cut in two.
 */
export function withoutMiddle(text: string, longest: number): string {
	if (text.length <= longest) return text;
	const room = longest - ELLIPSIS.length;
	const head = Math.floor(room / 3);
	const tail = text.length - (room - head);
	const from = splitsCharacter(text, tail) ? tail + 1 : tail;
	return `${text.slice(0, splitsCharacter(text, head) ? head - 1 : head)}${ELLIPSIS}${text.slice(from)}`;
}

/** Between the halves of one code point. */
function splitsCharacter(text: string, at: number): boolean {
	return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
