/**
 * A row ends at 2 MB, and a prompt alone may have 1 MB, so long strings are kept in rows of their own and the object's
 * JSON stays small: lists and status updates do not carry prompts around.
 */

/** Strings longer than this, in UTF-16 units, are taken out of an object. */
export const LONG_TEXT = 16_384;
/** UTF-16 units of one stored piece; at most three bytes each in UTF-8. */
const PIECE = 500_000;

export interface LongText {
	/** JSON array of the keys that lead to the string. */
	path: string;
	part: number;
	text: string;
}

/** `json` is the value as text, with every long string replaced by `""`. */
export function takeOutLongText(value: object): { json: string; texts: LongText[] } {
	const whole = JSON.stringify(value);
	// Nothing in a short text is long: most objects need not be searched.
	if (whole.length <= LONG_TEXT) return { json: whole, texts: [] };
	const texts: LongText[] = [];
	const walk = (inner: unknown, path: string[]): unknown => {
		if (typeof inner === "string") {
			if (inner.length <= LONG_TEXT) return inner;
			texts.push(...pieces(JSON.stringify(path), inner.toWellFormed()));
			return "";
		}
		if (Array.isArray(inner)) return inner.map((item, index) => walk(item, [...path, String(index)]));
		if (typeof inner !== "object" || inner === null) return inner;
		return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item, [...path, key])]));
	};
	return { json: JSON.stringify(walk(value, [])), texts };
}

/** Puts the strings back, in place. `texts` are in order of path and part. */
export function putBackLongText(skeleton: object, texts: readonly LongText[]): void {
	for (const { path, text } of texts) {
		const keys: string[] = JSON.parse(path);
		const last = keys.pop();
		let owner: unknown = skeleton;
		for (const key of keys) owner = typeof owner === "object" && owner !== null ? Reflect.get(owner, key) : undefined;
		if (typeof owner !== "object" || owner === null || last === undefined) continue;
		Reflect.set(owner, last, `${Reflect.get(owner, last)}${text}`);
	}
}

function pieces(path: string, text: string): LongText[] {
	const parts: LongText[] = [];
	for (let start = 0; start < text.length; ) {
		let end = Math.min(start + PIECE, text.length);
		// A surrogate pair that is cut is no longer text.
		if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--;
		parts.push({ path, part: parts.length, text: text.slice(start, end) });
		start = end;
	}
	return parts;
}

function isHighSurrogate(unit: number): boolean {
	return unit >= 0xd800 && unit < 0xdc00;
}
