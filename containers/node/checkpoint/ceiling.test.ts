import { describe, expect, it } from "vitest";
import { overCeiling, shownBytes, shownName } from "./ceiling.ts";
import type { ScannedEntry } from "./scan.ts";

const GIB = 2 ** 30;

function file(path: string, size: number): ScannedEntry {
	return { type: "file", path, mode: 0o644, size, mtimeMs: 0, ctimeMs: 0, ino: 1 };
}

describe("a workspace and its ceiling", () => {
	it("is told the numbers, the largest files and what to do", () => {
		const entries = [file("a", 10), file("data/big.bin", 5 * GIB), file("b", 20), file("c", 30)];
		expect(overCeiling({ entries, bytes: 5 * GIB + 60, cut: false }, GIB)).toBe(
			"The workspace has 5.0 GiB, over its ceiling of 1.0 GiB, so it was not checkpointed; the last checkpoint stands. Largest: data/big.bin (5.0 GiB), c (30 bytes), b (20 bytes). Delete what is not needed, or name it in .klawignore.",
		);
	});

	it("is told every byte when the rounded numbers are the same", () => {
		expect(overCeiling({ entries: [file("a", GIB + 1)], bytes: GIB + 1, cut: false }, GIB)).toContain(
			"has 1,073,741,825 bytes, over its ceiling of 1,073,741,824 bytes",
		);
	});

	it("may be as large as the ceiling", () => {
		expect(overCeiling({ entries: [file("a", GIB)], bytes: GIB, cut: false }, GIB)).toBeUndefined();
	});

	it("may not have too many files", () => {
		expect(overCeiling({ entries: [], bytes: 0, cut: true }, GIB)).toContain(
			"more files and directories than can be kept (200,000 at most",
		);
	});
});

describe("what is shown", () => {
	it.each([
		[0, "0 bytes"],
		[1023, "1023 bytes"],
		[1536, "1.5 KiB"],
		[2 ** 50, "1024.0 TiB"],
	])("%d bytes are %s", (bytes, text) => {
		expect(shownBytes(bytes)).toBe(text);
	});

	it("a name is one line, and not a long one", () => {
		expect(shownName("a\nb\u0007")).toBe("a?b?");
		expect(shownName(`${"x/".repeat(100)}end`)).toMatch(/^….{117}end$/);
	});
});
