/** One line without its end. `cut`: it was longer than the limit, and this is its beginning. */
export interface Line {
	bytes: Buffer;
	cut: boolean;
}

const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines and yields those that end in each chunk. At most `limit` bytes of a line are
 * kept, so a file without a single newline takes no more memory than any other.
 */
export async function* boundedLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Line[]> {
	let parts: Buffer[] = [];
	let length = 0;
	let cut = false;

	const add = (piece: Buffer) => {
		const fits = piece.subarray(0, limit - length);
		if (fits.length < piece.length) cut = true;
		if (fits.length > 0) parts.push(fits);
		length += fits.length;
	};
	const take = (): Line => {
		const only = parts.length === 1 ? parts[0] : undefined;
		const line = { bytes: only ?? Buffer.concat(parts), cut };
		parts = [];
		length = 0;
		cut = false;
		return line;
	};

	for await (const chunk of chunks) {
		const lines: Line[] = [];
		let start = 0;
		for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
			add(chunk.subarray(start, end));
			lines.push(take());
			start = end + 1;
		}
		if (start < chunk.length) add(chunk.subarray(start));
		if (lines.length > 0) yield lines;
	}
	if (length > 0 || cut) yield [take()];
}
