const SAFE = /^[A-Za-z0-9_][A-Za-z0-9._:@+=,~-]{0,199}$/;

/** True for text that is one plain file name: no separator, no leading dot, short enough to carry a suffix. */
export function isSafeName(text: string): boolean {
	return SAFE.test(text);
}
