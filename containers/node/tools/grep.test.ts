import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { noSandbox } from "../sandbox/sandbox.ts";
import { ToolBench } from "../testing/tool-bench.ts";
import { grepWith, matchers } from "./grep.ts";

function bench(): ToolBench {
	const bench = new ToolBench();
	bench.file("a.txt", "no\n\t a needle here  \nNEEDLE\n");
	bench.file("a/z.ts", "const needle = 1;\r\n");
	bench.file("src/deep/b.ts", 'call("needle-2");');
	bench.file(".env", "NEEDLE_KEY=needle\n");
	for (const path of [".git/x", ".cache/x", "node_modules/p/x", "src/vendor/x"]) bench.file(path, "needle\n");
	bench.file("image.png", Buffer.from("needle\0needle\n"));
	bench.file("long.txt", `${"-".repeat(100_000)}needle${"-".repeat(300)}\nneedle after\n`);
	symlinkSync(join(bench.outside, "outside.txt"), join(bench.workspace, "link.txt"));
	symlinkSync(bench.outside, join(bench.workspace, "linked"));
	bench.file("../../outside.txt", "needle outside\n");
	return bench;
}

const LONG = `long.txt:1: ${"-".repeat(200)}\nlong.txt:2: needle after`;

// Both matchers answer alike; this machine may have one of them only.
describe.each(matchers())("grep with $name", (matcher) => {
	const grep = grepWith(matcher);

	it.each([
		[
			"every text file, also behind a long line",
			{ pattern: "needle" },
			`.env:1: NEEDLE_KEY=needle\na/z.ts:1: const needle = 1;\na.txt:2: a needle here\n${LONG}\nsrc/deep/b.ts:1: call("needle-2");`,
		],
		["in any case", { pattern: "needle", case_insensitive: true, path: "a.txt" }, "a.txt:2: a needle here\na.txt:3: NEEDLE"],
		["with a flag in the pattern", { pattern: "(?i)^needle$" }, "a.txt:3: NEEDLE"],
		["at the end of a line", { pattern: "here +$" }, "a.txt:2: a needle here"],
		["with an escaped character", { pattern: "needle\\-\\d" }, 'src/deep/b.ts:1: call("needle-2");'],
		[
			"with a class and an alternative",
			{ pattern: "(const|call)[ (]\\W?\\w+" },
			'a/z.ts:1: const needle = 1;\nsrc/deep/b.ts:1: call("needle-2");',
		],
		["below a directory", { pattern: "needle", path: "src" }, 'src/deep/b.ts:1: call("needle-2");'],
		["in files of a name", { pattern: "needle", glob: "*.ts" }, 'a/z.ts:1: const needle = 1;\nsrc/deep/b.ts:1: call("needle-2");'],
		["in files of a path", { pattern: "needle", glob: "src/**/*.{ts,js}" }, 'src/deep/b.ts:1: call("needle-2");'],
		["in files of a path below the directory", { pattern: "needle", path: "src", glob: "deep/*" }, 'src/deep/b.ts:1: call("needle-2");'],
		["in a skipped directory when it is named", { pattern: "needle", path: "node_modules/p" }, "node_modules/p/x:1: needle"],
		["a pattern that begins with a dash", { pattern: "-2" }, 'src/deep/b.ts:1: call("needle-2");'],
		["nothing", { pattern: "haystack" }, "no matches found"],
		["nothing in a binary file", { pattern: "needle", path: "image.png" }, "no matches found"],
	])("finds %s", async (_, args, content) => {
		expect(await bench().content(grep, args)).toBe(content);
	});

	it("shows 100 matches and says that there are more", async () => {
		const bench = new ToolBench();
		bench.file("exact.txt", "x\n".repeat(100));
		bench.file("more.txt", "y\n".repeat(60));
		bench.file("most.txt", "y\n".repeat(60));
		expect((await bench.content(grep, { pattern: "x" })).split("\n")).toHaveLength(100);
		const lines = (await bench.content(grep, { pattern: "y" })).split("\n");
		expect(lines).toHaveLength(101);
		expect(lines.slice(-2)).toEqual(["most.txt:40: y", "... (limited to 100 matches)"]);
	});

	it("searches a line of many megabytes in little memory", async () => {
		const bench = new ToolBench();
		bench.file("one-line.json", Buffer.concat([Buffer.alloc(50_000_000, "ab"), Buffer.from("\nneedle\n")]));
		const before = process.memoryUsage().rss;
		expect(await bench.content(grep, { pattern: "needle" })).toBe("one-line.json:2: needle");
		expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
	});

	it.each([
		[{ pattern: "(" }, '"(" is not a valid regular expression'],
		[{ pattern: "[a" }, '"[a" is not a valid regular expression'],
		[{ pattern: "x", path: "none" }, '"none" does not exist in the workspace'],
		[{ pattern: "x", path: "../.." }, "is outside the workspace"],
		[{ pattern: "x", path: "link.txt" }, "is outside the workspace"],
		[{ pattern: "x", path: "linked" }, "is outside the workspace"],
		[{ pattern: "" }, "The arguments of grep are wrong"],
	])("answers %j with a sentence", async (args, message) => {
		expect(await bench().error(grep, args)).toContain(message);
	});

	it("is not held up by a pattern that backtracks", async () => {
		const bench = new ToolBench();
		bench.file("a.txt", `${"a".repeat(40)}!\n`);
		const { content } = await bench.run(grep, { pattern: "^(a+)+$" });
		expect(content).toMatch(/^no matches found$|takes too long/);
	});
});

describe.runIf(matchers()[0].name === "ripgrep")("ripgrep", () => {
	it("is started as the session's commands are, within their limits", async () => {
		const searched = bench();
		searched.sandbox = {
			...noSandbox,
			launch: (_, command) => ({ setup: "ulimit -f 7", argv: ["/bin/sh", "-c", "ulimit -f >&2; exit 3", ...command] }),
		};
		expect(await searched.error(grepWith(matchers()[0]), { pattern: "needle" })).toMatch(/The search was killed.* 7$/);
	});
});
