import { describe, expect, it } from "vitest";
import { boundedLines } from "./bounded-lines.ts";

async function split(chunks: string[], limit = 10): Promise<string[]> {
	async function* stream() {
		for (const chunk of chunks) yield Buffer.from(chunk);
	}
	const lines: string[] = [];
	for await (const piece of boundedLines(stream(), limit)) lines.push(...piece.map(({ bytes, cut }) => `${bytes}${cut ? "|" : ""}`));
	return lines;
}

describe("boundedLines", () => {
	it.each([
		[[], []],
		[["a\nb"], ["a", "b"]],
		[["a\nb\n"], ["a", "b"]],
		[["\n\n"], ["", ""]],
		[
			["a", "b\nc", "\n", "d"],
			["ab", "c", "d"],
		],
		[["0123456789\nabc"], ["0123456789", "abc"]],
		[["0123456789x\nabc"], ["0123456789|", "abc"]],
		[
			["01234", "56789", "x", "y\nabc\n"],
			["0123456789|", "abc"],
		],
		[["01234567890123"], ["0123456789|"]],
	])("splits %j into %j", async (chunks, lines) => {
		expect(await split(chunks)).toEqual(lines);
	});
});
