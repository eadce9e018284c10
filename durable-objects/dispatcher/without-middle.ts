import { head, tail } from "../../containers/node/text.ts";

/** What stands for what was cut. */
const ELLIPSIS = "…";

/**
 * A text of `longest` UTF-16 code units at most. What says what went wrong is the beginning of a message, and what a log
 * says last is its end, which is given twice the room: what is cut is between, and no character is cut in two.
 */
export function withoutMiddle(text: string, longest: number): string {
	if (text.length <= longest) return text;
	const room = longest - ELLIPSIS.length;
	const begins = Math.floor(room / 3);
	return `${head(text, begins)}${ELLIPSIS}${tail(text, room - begins)}`;
}
