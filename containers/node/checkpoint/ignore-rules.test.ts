import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { IGNORE_FILE, ignoreRules, ignoresBy } from "./ignore-rules.ts";
import { scan } from "./scan.ts";
import { plant, type Tree } from "./testing/tree.ts";

const file = { file: "x" };

async function kept(tree: Tree): Promise<string[]> {
	const root = temporaryDirectory();
	plant(root, tree);
	return (await scan(root, ignoreRules(root))).entries.filter(({ type }) => type !== "directory").map(({ path }) => path);
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

	it("is not read from a link, which may lead out of the workspace", () => {
		const root = temporaryDirectory();
		const outside = join(temporaryDirectory(), "rules");
		writeFileSync(outside, "*");
		symlinkSync(outside, join(root, IGNORE_FILE));
		expect(ignoreRules(root)("a", "a", false)).toBe(false);
	});

	it("is nothing more when .klawignore is a directory", () => {
		const root = temporaryDirectory();
		mkdirSync(join(root, IGNORE_FILE));
		expect(ignoreRules(root)("a", "a", false)).toBe(false);
	});

	it("is what the first 100 patterns of its first 8 KB say, comments and empty lines aside", () => {
		const many = ["# of ours", "", ...Array.from({ length: 101 }, (_, index) => `file-${index}`)].join("\n");
		const ignored = (text: string, name: string) => ignoresBy(text)(name, name, false);
		expect([ignored(many, "file-99"), ignored(many, "file-100")]).toEqual([true, false]);
		expect(ignored(`#${"x".repeat(8 * 1024)}\nfile`, "file")).toBe(false);
	});

	it.each(["a*a*a*a*a*b", "**/a/**/b/**/c", `${"x".repeat(600)}*`])("is found out soon even by %s, which is left out", (pattern) => {
		const ignores = ignoresBy(`${pattern}\n*.tmp`);
		const name = "a".repeat(250);
		expect(ignores(name, name, false)).toBe(false);
		expect(ignores("b.tmp", "b.tmp", false)).toBe(true);
	});
});
