import type { FileHandle } from "node:fs/promises";

const NEWLINE = 0x0a;
const CHUNK_BYTES = 2 ** 18;

/**
 * Finds where a line of a file begins, without keeping anything of the lines before it.
 *
 * @param number from 1
 * @returns the position of its first byte, or, when the file has fewer lines, how many it has
 */
export async function findLine(handle: FileHandle, number: number, signal: AbortSignal): Promise<{ start: number } | { lines: number }> {
	const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
	let line = 1;
	let start = 0;
	for (let position = 0; ; ) {
		signal.throwIfAborted();
		const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, position);
		const chunk = buffer.subarray(0, bytesRead);
		// A line has at least one byte, if only its end.
		if (bytesRead === 0) return { lines: position > start ? line : line - 1 };
		for (let at = chunk.indexOf(NEWLINE); at !== -1 && line < number; at = chunk.indexOf(NEWLINE, at + 1)) {
			line++;
			start = position + at + 1;
		}
		if (line === number && start < position + bytesRead) return { start };
		position += bytesRead;
	}
}
