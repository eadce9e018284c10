import { describe, expect, it } from "vitest";
import { IGNORE_FILE_BYTES, ignorePatterns } from "./ignore-patterns.ts";

/** As the node reads it: one byte more than counts. */
function read(text: string) {
	return ignorePatterns(Buffer.from(text).subarray(0, IGNORE_FILE_BYTES + 1));
}

const many = (count: number) => Array.from({ length: count }, (_, index) => `file-${index}`);

describe("the lines of a .klawignore", () => {
	it("all count, comments and empty ones aside, in a file of usual size", () => {
		expect(read("# of ours\r\n\r\n*.log\r\n/build/**/*.o\n!keep.log\n")).toEqual({ patterns: ["*.log", "/build/**/*.o", "!keep.log"] });
	});

	it.each([
		["100 patterns", ["#", "", ...many(100)].join("\n")],
		["8 KiB", `${"x".repeat(511)}\n`.repeat(16)],
		["patterns of 512 characters", "x".repeat(512)],
		["two ** and three * in a name", "**/a*b*c*d/**/*.log"],
	])("all count up to %s", (_, text) => {
		expect(read(text).problem).toBeUndefined();
	});

	it.each([
		["more than 100 patterns", ["# of ours", "", ...many(101)].join("\n"), "line 103 (after the first 100 patterns)"],
		["many more", many(120).join("\n"), "lines 101, 102, 103 and 17 more (after the first 100 patterns)"],
		["long patterns", `a\n${"x".repeat(513)}`, "line 2 (over 512 characters)"],
		["many * in a name", "a*b*c*d*e\nb\nd/a*b*c*d*e", "lines 1, 3 (more than 3 * in one name)"],
		["many **", "**/a/**/b/**", "line 1 (more than 2 **)"],
		["more than one of these", "**/a/**/b/**\na*b*c*d*e", "line 1 (more than 2 **); line 2 (more than 3 * in one name)"],
	])("are named with the reason and what to do when there are %s", (_, text, lines) => {
		expect(read(text).problem).toBe(
			`Not all of .klawignore counts, so checkpoints may have files that it names, or lack files that it takes back. Left out of it: ${lines}. Name directories rather than single files, in fewer and simpler patterns.`,
		);
	});

	it("that do not count take no place of those that do", () => {
		const { patterns } = read(["a*b*c*d*e", ...many(100)].join("\n"));
		expect(patterns).toEqual(many(100));
	});

	it("do not count from the one on that is cut after 8 KiB: half of it would name something else", () => {
		const { patterns, problem } = read(`a\n#${"x".repeat(IGNORE_FILE_BYTES - 20)}\nsources/generated/by/hand\nb`);
		expect(patterns).toEqual(["a"]);
		expect(problem).toContain("Left out of it: line 3 and all after it (past the first 8 KiB).");
	});

	it("count up to the last of the 8 KiB", () => {
		const { patterns, problem } = read(`a\n#${"x".repeat(IGNORE_FILE_BYTES - 6)}\nb\nc`);
		expect(patterns).toEqual(["a", "b"]);
		expect(problem).toContain("line 4 and all after it");
	});

	it("do not count at all when the first does not end", () => {
		expect(read("x".repeat(IGNORE_FILE_BYTES + 1))).toMatchObject({
			patterns: [],
			problem: expect.stringContaining("line 1 and all after it"),
		});
	});
});
