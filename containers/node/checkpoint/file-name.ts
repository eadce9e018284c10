/**
 * Names of files as text. A name on Linux is any bytes; those that are no UTF-8 become lone surrogates (U+DC80 to U+DCFF, as
 * Python's `surrogateescape` has it), so that every name has one text, text survives JSON, and the way back is exact.
 */

const ESCAPED = /[\udc80-\udcff]/u;
const UNREADABLE = "\ufffd";
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What a system call is to be given for a path as text. */
export function toSystem(path: string): string | Buffer {
	// Nearly every name is plain text, and text is what Node takes fastest.
	if (!ESCAPED.test(path)) return path;
	const pieces = [...path].map((char) => (ESCAPED.test(char) ? Buffer.of(char.charCodeAt(0) & 0xff) : Buffer.from(char)));
	return Buffer.concat(pieces);
}

/** The text of a name or a path as the system has it. */
export function fromSystem(bytes: Uint8Array): string {
	try {
		return decoder.decode(bytes);
	} catch {
		return escapeBytes(bytes);
	}
}

/** A name that was read as text stands for other bytes than its own: it has to be read as bytes. */
export function isDoubtful(name: string): boolean {
	return name.includes(UNREADABLE);
}

function escapeBytes(bytes: Uint8Array): string {
	let text = "";
	for (let at = 0; at < bytes.length; ) {
		const length = sequenceLength(bytes, at);
		if (length === 0) text += String.fromCharCode(0xdc00 | (bytes[at] ?? 0));
		else text += decoder.decode(bytes.subarray(at, at + length));
		at += Math.max(1, length);
	}
	return text;
}

/** Bytes of the character that begins here; 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
	for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
		try {
			decoder.decode(bytes.subarray(at, at + length));
			return length;
		} catch {}
	}
	return 0;
}
