import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { IGNORE_FILE } from "./ignore-patterns.ts";
import { ignoreRules } from "./ignore-rules.ts";
import { scan } from "./scan.ts";
import { plant, type Tree } from "./testing/tree.ts";

const file = { file: "x" };

async function kept(tree: Tree): Promise<string[]> {
	const root = temporaryDirectory();
	plant(root, tree);
	return (await scan(root, ignoreRules(root).ignores)).entries.filter(({ type }) => type !== "directory").map(({ path }) => path);
}

describe("what a checkpoint leaves out", () => {
	it.each<[string, Tree, string[]]>([
		[
			"directories that a command makes again, wherever they are",
			{ "node_modules/a": file, "p/.venv/b": file, "p/target/c": file, "p/q/__pycache__/d": file, e: file },
			["e"],
		],
		[
			"but not files of these names, nor names that only look alike",
			{ target: file, "my-target/a": file, "node_modules2/b": file },
			["my-target/a", "node_modules2/b", "target"],
		],
		[
			"what the file tools write before they replace a file",
			{ ".klaw-call-1.tmp": file, ".klaw/output/c.txt": file },
			[".klaw/output/c.txt"],
		],
		[
			"what .klawignore says, in git's words",
			{ [IGNORE_FILE]: { file: "*.log\n/build\n!keep.log\n# no\n" }, "a.log": file, "keep.log": file, "build/x": file, "d/build/y": file },
			[IGNORE_FILE, "d/build/y", "keep.log"],
		],
		[
			"and not what .klawignore takes back",
			{ [IGNORE_FILE]: { file: "!node_modules\r\n" }, "node_modules/a": file, "venv/b": file },
			[IGNORE_FILE, "node_modules/a"],
		],
		["upper case is another name", { [IGNORE_FILE]: { file: "*.log" }, "A.LOG": file }, [IGNORE_FILE, "A.LOG"]],
		["nothing else by a damaged .klawignore", { [IGNORE_FILE]: { file: "[\n\\\n\0\n!\n" }, a: file }, [IGNORE_FILE, "a"]],
	])("%s", async (_, tree, left) => {
		expect(await kept(tree)).toEqual(left);
	});

	it("is not read from a link, which may lead out of the workspace, and the session is told", () => {
		const root = temporaryDirectory();
		const outside = join(temporaryDirectory(), "rules");
		writeFileSync(outside, "*");
		symlinkSync(outside, join(root, IGNORE_FILE));
		const { ignores, problem } = ignoreRules(root);
		expect(ignores("a", "a", false)).toBe(false);
		expect(problem?.message).toMatch(
			/^\.klawignore is not a file that can be read \(links are not followed\), .* Put a regular file in its place\.$/,
		);
	});

	it("is nothing more when .klawignore is a directory, and the session is told", () => {
		const root = temporaryDirectory();
		mkdirSync(join(root, IGNORE_FILE));
		const { ignores, problem } = ignoreRules(root);
		expect(ignores("a", "a", false)).toBe(false);
		expect(problem?.message).toContain("is not a file that can be read");
	});

	it("is nothing to speak of without a .klawignore, or with one that counts whole", () => {
		const root = temporaryDirectory();
		expect(ignoreRules(root).problem).toBeUndefined();
		writeFileSync(join(root, IGNORE_FILE), "*.log\n");
		expect(ignoreRules(root).problem).toBeUndefined();
	});

	it.each(["a*a*a*a*a*b", "**/a/**/b/**/c", `${"x".repeat(600)}*`])("is found out soon even by %s, which is left out", (pattern) => {
		const root = temporaryDirectory();
		writeFileSync(join(root, IGNORE_FILE), `${pattern}\n*.tmp`);
		const { ignores, problem } = ignoreRules(root);
		const name = "a".repeat(250);
		expect(ignores(name, name, false)).toBe(false);
		expect(ignores("b.tmp", "b.tmp", false)).toBe(true);
		expect(problem?.message).toContain("Left out of it: line 1 (");
	});

	it("is told of another file by another name, though the same lines of it do not count", () => {
		const root = temporaryDirectory();
		const of = (text: string) => {
			writeFileSync(join(root, IGNORE_FILE), text);
			return ignoreRules(root).problem?.of;
		};
		expect(of("a*b*c*d*e\n")).toBe(of("a*b*c*d*e\n"));
		expect(of("a*b*c*d*e\n")).not.toBe(of("a*b*c*d*f\n"));
	});
});
