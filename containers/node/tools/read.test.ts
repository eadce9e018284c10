import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ToolBench } from "../testing/tool-bench.ts";
import { read } from "./read.ts";

function numbers(from: number, to: number): string {
	return Array.from({ length: to - from + 1 }, (_, index) => `${String(from + index).padStart(6)}\tline ${from + index}`).join("\n");
}

function lines(count: number): string {
	return Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");
}

describe("read", () => {
	it("numbers the lines in six columns", async () => {
		const bench = new ToolBench();
		bench.file("a.txt", "first\n\n\tthird\r\nlast without end");
		expect(await bench.content(read, { path: "a.txt" })).toBe("     1\tfirst\n     2\t\n     3\t\tthird\n     4\tlast without end");
	});

	it("shows the lines that were asked for, and no footer at the end of the file", async () => {
		const bench = new ToolBench();
		bench.file("a.txt", lines(12));
		expect(await bench.content(read, { path: "a.txt", offset: 3, limit: 2 })).toBe(
			`${numbers(3, 4)}\n... (the file goes on; read it with offset 5 for more)`,
		);
		expect(await bench.content(read, { path: "a.txt", offset: 11, limit: 2 })).toBe(numbers(11, 12));
	});

	it("shows 2,000 lines and says where to go on", async () => {
		const bench = new ToolBench();
		bench.file("a.txt", "x\n".repeat(2_500));
		const content = await bench.content(read, { path: "a.txt" });
		expect(content.split("\n")).toHaveLength(2_001);
		expect(content).toContain("  2000\tx\n... (the file goes on; read it with offset 2001 for more)");
	});

	it("never answers with more than 30,000 characters, and misses no line between two parts", async () => {
		const bench = new ToolBench();
		bench.file("a.txt", `${"y".repeat(1_000)}\n`.repeat(40));
		const first = await bench.content(read, { path: "a.txt" });
		expect(first.length).toBeLessThanOrEqual(30_000);
		const next = Number(/offset (\d+) for more/.exec(first)?.[1]);
		expect(first.split("\n")).toHaveLength(next);
		expect(await bench.content(read, { path: "a.txt", offset: next })).toMatch(new RegExp(`^ +${next}\t.*\n +40\ty+$`, "s"));
	});

	it("cuts a line after 2,000 characters, on a character", async () => {
		const bench = new ToolBench();
		bench.file("a.txt", `${"z".repeat(1_999)}😀😀\n${"ü".repeat(2_000)}\n${"ü".repeat(2_001)}`);
		expect(await bench.content(read, { path: "a.txt" })).toBe(
			`     1\t${"z".repeat(1_999)}...\n     2\t${"ü".repeat(2_000)}\n     3\t${"ü".repeat(2_000)}...`,
		);
	});

	it("reads a part of a large file in little memory", async () => {
		const bench = new ToolBench();
		bench.file("large.txt", Buffer.alloc(100_000_000, "no end of line "));
		bench.file("lines.txt", Buffer.alloc(50_000_000, "0123456\n"));
		const before = process.memoryUsage().rss;
		expect(await bench.content(read, { path: "large.txt" })).toMatch(/^ {5}1\tno end.*\.\.\.$/);
		expect(await bench.content(read, { path: "lines.txt", offset: 6_250_000 })).toBe("6250000\t0123456");
		expect(process.memoryUsage().rss - before).toBeLessThan(90_000_000);
	});

	it.each([
		["a NUL byte", Buffer.from("text\0more")],
		["invalid UTF-8", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0a])],
		["a character that is broken off", Buffer.from([0x61, 0xc3])],
	])("recognizes %s as binary", async (_, content) => {
		const bench = new ToolBench();
		bench.file("image.png", content);
		expect(await bench.error(read, { path: "image.png" })).toContain('"image.png" is a binary file or not UTF-8 text');
	});

	it("says that a file is empty", async () => {
		const bench = new ToolBench();
		bench.file("empty", "");
		expect(await bench.content(read, { path: "empty" })).toBe('"empty" is empty.');
	});

	it.each([
		[{ path: "none.txt" }, 'file not found: "none.txt" does not exist in the workspace. Use glob'],
		[{ path: "a.txt/none" }, 'A part of "a.txt/none" is a file'],
		[{ path: "dir" }, '"dir" is a directory'],
		[{ path: "a.txt", offset: 13 }, 'offset 13 exceeds file length 12: "a.txt" has 12 lines.'],
		[{ path: "../x" }, "is outside the workspace"],
		[{ path: "link" }, "is outside the workspace"],
		[{ path: "a.txt", offset: 0 }, "The arguments of read are wrong"],
		[{}, "The arguments of read are wrong"],
	])("answers %j with a sentence", async (args, message) => {
		const bench = new ToolBench();
		bench.file("a.txt", lines(12));
		mkdirSync(join(bench.workspace, "dir"));
		writeFileSync(join(bench.outside, "secret"), "secret");
		symlinkSync(join(bench.outside, "secret"), join(bench.workspace, "link"));
		expect(await bench.error(read, args)).toContain(message);
	});
});
