import { describe, expect, it } from "vitest";
import { parseTranscript, quoteOutput } from "./transcript.ts";

const only = (text: string) => parseTranscript(`## Section\n${text}`)[0]?.steps;

describe("a transcript", () => {
	it("has sections of commands with their output, errors and exit code", () => {
		const text = "# About\n## One\n\n$ a\nout\n\nmore\n! err\n? 2\n\n## Two\n$ b\n";
		expect(parseTranscript(text)).toEqual([
			{
				title: "One",
				steps: [{ line: 4, command: "a", eventually: false, stdout: ["out", "", "more"], stderr: ["err"], exitCode: 2 }],
			},
			{ title: "Two", steps: [{ line: 12, command: "b", eventually: false, stdout: [], stderr: [], exitCode: 0 }] },
		]);
	});

	it("takes a here-document to its end, whatever is in it", () => {
		expect(only("$ cat <<'END'\n$ no command\n## no section\nEND\n| $ quoted\n")).toMatchObject([
			{ command: "cat <<'END'\n$ no command\n## no section\nEND", stdout: ["$ quoted"] },
		]);
	});

	it("knows commands that are tried again, and commands that run beside the others", () => {
		expect(only("~ a\n&w $ b -w\nfirst\n&w\nsecond\n? 0\n")).toMatchObject([
			{ command: "a", eventually: true },
			{ command: "b -w", background: "w", stdout: ["first"] },
			{ command: "", background: "w", stdout: ["second"], exitCode: 0 },
		]);
	});

	it.each([
		["$ a\n", "line 1: a command before the first section"],
		["## One\nout\n", "line 2: output without a command: out"],
		["## One\n$ cat <<END\n", "line 2: the here-document has no END"],
		["## One\n&two words\n", 'line 2: write "&name $ command", or "&name" alone'],
	])("is refused as %j, with the line that is wrong", (text, message) => {
		expect(() => parseTranscript(text)).toThrow(message);
	});

	it.each(["$ a", "! a", "? 1", "## a", "&a", "| a", "~ a"])("reads the output %j behind a bar", (line) => {
		expect(only(`$ a\n${quoteOutput(line)}\n`)).toMatchObject([{ stdout: [line] }]);
	});
});
