import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ToolBench } from "../testing/tool-bench.ts";
import { glob } from "./glob.ts";

const FILES = [
	"README.md",
	"b.js",
	"src/a.ts",
	"src/b/c.ts",
	"src/b/d.tsx",
	"src2/a.ts",
	".env",
	".github/ci.yml",
	"src/.hidden/x.ts",
	".git/config",
	"node_modules/p/index.ts",
	"src/node_modules/p/index.ts",
	"vendor/v.ts",
];

function bench(): ToolBench {
	const bench = new ToolBench();
	for (const path of FILES) bench.file(path, "");
	return bench;
}

describe("glob", () => {
	it.each([
		["src/**", ["src/a.ts", "src/b/c.ts", "src/b/d.tsx"]],
		["src/**/*.ts", ["src/a.ts", "src/b/c.ts"]],
		["**/b/*.ts", ["src/b/c.ts"]],
		["**/b/**/*.{ts,tsx}", ["src/b/c.ts", "src/b/d.tsx"]],
		["*.{md,js}", ["README.md", "b.js"]],
		["{src,src2}/a.ts", ["src/a.ts", "src2/a.ts"]],
		["**/*.ts", ["src/a.ts", "src/b/c.ts", "src2/a.ts"]],
		["src?/*.ts", ["src2/a.ts"]],
		["*.ts", []],
		["a.ts", []],
		["src/a.ts", ["src/a.ts"]],
		[".env", [".env"]],
		[".github/**", [".github/ci.yml"]],
		["**/.hidden/*", ["src/.hidden/x.ts"]],
		["node_modules/**", []],
		[".git/*", []],
	])("%s matches whole paths", async (pattern, paths) => {
		expect(await bench().content(glob, { pattern })).toBe(paths.join("\n") || "no files matched");
	});

	it("matches below a directory and shows paths from the workspace", async () => {
		expect(await bench().content(glob, { pattern: "**/*.ts", path: "src" })).toBe("src/a.ts\nsrc/b/c.ts");
		expect(await bench().content(glob, { pattern: "*/index.ts", path: "node_modules" })).toBe("node_modules/p/index.ts");
	});

	it("sorts 500 paths and says how many there are", async () => {
		const bench = new ToolBench();
		for (let index = 0; index < 501; index++) bench.file(`f${String(index).padStart(3, "0")}`, "");
		const lines = (await bench.content(glob, { pattern: "*" })).split("\n");
		expect(lines).toHaveLength(501);
		expect([lines[0], lines[499], lines[500]]).toEqual([
			"f000",
			"f499",
			"... (limited to 500 of 501 paths; narrow the pattern to see the others)",
		]);
	});

	it.each(["link/*", "link/**", "li?k/**", "{link,src}/*", "\\link/*", "**/secret", "link/secret", "src/link/**"])(
		"%s does not follow a link out of the workspace",
		async (pattern) => {
			const bench = new ToolBench();
			bench.file("src/a.ts", "");
			bench.file("../secret/secret", "");
			for (const path of ["link", "src/link"]) symlinkSync(join(bench.outside, "workspaces", "secret"), join(bench.workspace, path));
			const { content } = await bench.run(glob, { pattern });
			expect(
				content
					.replaceAll(JSON.stringify(join(pattern)), "")
					.replace(/"[^"]*" (is outside the workspace|goes through a symbolic link)/, ""),
			).not.toContain("secret");
		},
	);

	it.each(["../*", "/etc/*", "src/../../*", "\\.\\./*", "{..,src}/*", "@(..)/*"])("refuses %s, which leads out", async (pattern) => {
		expect(await bench().error(glob, { pattern })).toContain("leads out of the directory");
	});

	it.each([
		["none", "is not a directory"],
		["b.js", "is not a directory"],
		["..", "is outside the workspace"],
	])("refuses to search in %s", async (path, message) => {
		expect(await bench().error(glob, { pattern: "*", path })).toContain(message);
	});
});
