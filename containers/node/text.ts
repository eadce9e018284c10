import { RESULT_LIMIT } from "./protocol.ts";

/** The first `length` UTF-16 units of a text, one less where the cut would go through a character. */
export function head(text: string, length: number): string {
	if (text.length <= length) return text;
	return text.slice(0, isHighSurrogate(text.charCodeAt(length - 1)) ? length - 1 : length);
}

/** The last `length` UTF-16 units of a text, one less where the cut would go through a character. */
export function tail(text: string, length: number): string {
	if (text.length <= length) return text;
	const start = text.length - length;
	return text.slice(isHighSurrogate(text.charCodeAt(start - 1)) ? start + 1 : start);
}

function isHighSurrogate(unit: number): boolean {
	return unit >= 0xd800 && unit <= 0xdbff;
}

/** A text of at most `length` units, `...` after it if it was longer. */
export function shorten(text: string, length: number): string {
	return text.length <= length ? text : `${head(text, length)}...`;
}

/** What a model reads of a text that is too long for it: both ends. */
export function cutMiddle(text: string, note: (omitted: number) => string): string {
	if (text.length <= RESULT_LIMIT) return text;
	const [first, last] = [head(text, RESULT_LIMIT / 2), tail(text, RESULT_LIMIT / 2)];
	return `${first}\n${note(text.length - first.length - last.length)}\n${last}`;
}

/** `1,234,567` */
export function grouped(count: number): string {
	return count.toLocaleString("en-US");
}
