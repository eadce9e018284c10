import type { FileHandle } from "node:fs/promises";
import { read as definition } from "../../../src/tools/read.ts";
import { RESULT_LIMIT } from "../protocol.ts";
import { shorten } from "../text.ts";
import { boundedLines, type Line } from "../workspace/bounded-lines.ts";
import { openInside } from "../workspace/confine.ts";
import { findLine } from "../workspace/find-line.ts";
import { onNode, ToolError } from "./node-tool.ts";

/** Characters of a line that are shown. */
const LINE_LIMIT = 2_000;
/** UTF-8 takes at most three bytes for a UTF-16 unit. One more unit tells a line that was cut. */
const LINE_BYTES = (LINE_LIMIT + 1) * 3;
/** Bytes that are looked at for a NUL. */
const BINARY_BYTES = 8_192;
/** Kept free of {@link RESULT_LIMIT} for the footer. */
const FOOTER = 200;

export const read = onNode(definition, async ({ path, offset, limit }, { workspace, signal }) => {
	const handle = await openInside(workspace, path);
	try {
		const found = await findLine(handle, offset, signal);
		if ("start" in found && (await isBinary(handle, found.start))) throw binary(path);
		if ("start" in found) return await readFrom(handle, found.start, { path, offset, limit, signal });
		if (found.lines === 0) return `"${path}" is empty.`;
		throw new ToolError(
			`offset ${offset} exceeds file length ${found.lines}: "${path}" has ${found.lines} lines. Read it with a smaller offset.`,
		);
	} finally {
		await handle.close();
	}
});

interface Part {
	path: string;
	offset: number;
	limit: number;
	signal: AbortSignal;
}

async function readFrom(handle: FileHandle, start: number, { path, offset, limit, signal }: Part): Promise<string> {
	const shown: string[] = [];
	let characters = 0;
	// Without the signal: a stream that it destroys after its end has nobody left to hear the error.
	for await (const lines of boundedLines(handle.createReadStream({ start, autoClose: false }), LINE_BYTES)) {
		signal.throwIfAborted();
		for (const line of lines) {
			const number = offset + shown.length;
			const numbered = `${String(number).padStart(6)}\t${shorten(textOf(line, path), LINE_LIMIT)}`;
			characters += numbered.length + 1;
			if (shown.length === limit || characters > RESULT_LIMIT - FOOTER) {
				return [...shown, `... (the file goes on; read it with offset ${number} for more)`].join("\n");
			}
			shown.push(numbered);
		}
	}
	signal.throwIfAborted();
	return shown.join("\n");
}

function textOf({ bytes, cut }: Line, path: string): string {
	try {
		// `stream` forgives a character that was cut at the end, and nothing else.
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
		if (!text.includes("\0")) return text.endsWith("\r") ? text.slice(0, -1) : text;
	} catch {
		// Not UTF-8: said below.
	}
	throw binary(path);
}

/** Looked at before the line is read to its end: that of a sparse file of 5 GB takes half a minute. */
async function isBinary(handle: FileHandle, start: number): Promise<boolean> {
	const { buffer, bytesRead } = await handle.read(Buffer.alloc(BINARY_BYTES), 0, BINARY_BYTES, start);
	return buffer.subarray(0, bytesRead).includes(0);
}

function binary(path: string): ToolError {
	return new ToolError(
		`"${path}" is a binary file or not UTF-8 text, so it cannot be read as lines. Look at it with bash, for example with file or xxd.`,
	);
}
