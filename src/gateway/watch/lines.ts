/** The complete lines of a stream, those of each chunk together. @throws what the stream fails with */
export async function* linesOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<string[]> {
	const decoder = new TextDecoder();
	let rest = "";
	for (;;) {
		const { done, value } = await reader.read();
		const pieces = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split("\n");
		rest = done ? "" : (pieces.pop() ?? "");
		const lines = pieces.filter((line) => line !== "");
		if (lines.length > 0) yield lines;
		if (done) return;
	}
}
