import { createReadStream, readFileSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { RESULT_LIMIT } from "../protocol.ts";
import { grouped, head, tail } from "../text.ts";

/** UTF-8 takes at most three bytes for a UTF-16 unit, so more bytes than this are too many characters for certain. */
const WHOLE_BYTES = RESULT_LIMIT * 3;
const END_BYTES = WHOLE_BYTES / 2;
/** Counting characters means reading everything; beyond this (about a second of it) bytes have to do. */
const COUNT_BYTES = 2 ** 30;

/** What a model reads of an output. */
export interface Output {
	/** All of it, or both ends. */
	first: string;
	last: string;
	/** `70,000 characters`; absent when `first` is all. */
	omitted?: string;
}

/** Reads a file of output of any size, of which little more than the two ends is ever in memory. No file, no output. */
export async function readOutput(path: string): Promise<Output> {
	// Nearly every output is small, and read at once sooner than it is waited for.
	const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
	if (size === 0) return { first: "", last: "" };
	if (size <= WHOLE_BYTES) {
		const text = new TextDecoder().decode(readFileSync(path));
		return text.length <= RESULT_LIMIT ? { first: text, last: "" } : ends(text, text, text.length);
	}
	const handle = await open(path);
	try {
		// `stream` keeps back a character that is cut at the end.
		const first = new TextDecoder().decode(await readBytes(handle, 0), { stream: true });
		const last = new TextDecoder().decode(fromCharacterStart(await readBytes(handle, size - END_BYTES)));
		return ends(first, last, size <= COUNT_BYTES ? await countCharacters(path, size) : undefined, size);
	} finally {
		await handle.close();
	}
}

async function readBytes(handle: FileHandle, start: number): Promise<Buffer> {
	const { buffer, bytesRead } = await handle.read(Buffer.alloc(END_BYTES), 0, END_BYTES, start);
	return buffer.subarray(0, bytesRead);
}

function ends(from: string, to: string, characters: number | undefined, bytes = 0): Output {
	const [first, last] = [head(from, RESULT_LIMIT / 2), tail(to, RESULT_LIMIT / 2)];
	if (characters !== undefined) return { first, last, omitted: `${grouped(characters - first.length - last.length)} characters` };
	return { first, last, omitted: `${grouped(bytes - Buffer.byteLength(first) - Buffer.byteLength(last))} bytes` };
}

/** Drops the end of a character whose beginning was cut off: at most three bytes. */
function fromCharacterStart(bytes: Buffer): Buffer {
	const start = bytes.subarray(0, 4).findIndex((byte) => (byte & 0xc0) !== 0x80);
	return bytes.subarray(Math.max(start, 0));
}

async function countCharacters(path: string, size: number): Promise<number> {
	const decoder = new TextDecoder();
	let count = 0;
	// A background process may go on writing: what came after the end of the command is not counted.
	for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: 2 ** 18 })) {
		count += decoder.decode(chunk, { stream: true }).length;
	}
	return count + decoder.decode().length;
}
