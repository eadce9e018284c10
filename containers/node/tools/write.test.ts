import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ToolBench } from "../testing/tool-bench.ts";
import { write } from "./write.ts";

describe("write", () => {
	it("writes a file in directories that it makes, and counts bytes", async () => {
		const bench = new ToolBench();
		expect(await bench.content(write, { path: "a/b/c.txt", content: "für\n" })).toBe("wrote 5 bytes to a/b/c.txt");
		expect(readFileSync(join(bench.workspace, "a/b/c.txt"), "utf8")).toBe("für\n");
	});

	it("replaces a file and keeps its mode", async () => {
		const bench = new ToolBench();
		const path = bench.file("run.sh", "old");
		chmodSync(path, 0o755);
		await bench.content(write, { path: "run.sh", content: "" });
		expect(readFileSync(path, "utf8")).toBe("");
		expect(statSync(path).mode & 0o777).toBe(0o755);
	});

	it("writes through a link that stays in the workspace", async () => {
		const bench = new ToolBench();
		bench.file("real.txt", "old");
		symlinkSync("real.txt", join(bench.workspace, "link.txt"));
		await bench.content(write, { path: "link.txt", content: "new" });
		expect(readFileSync(join(bench.workspace, "real.txt"), "utf8")).toBe("new");
	});

	it.each([
		["../escaped", "is outside the workspace"],
		["/etc/klaw-test", "is outside the workspace"],
		["dir", '"dir" is a directory'],
		["file/below", 'A part of "file/below" is a file'],
		["link/new", "is outside the workspace"],
		["dangling", "does not exist"],
		["n".repeat(300), "too long"],
	])("answers %j with a sentence and writes nothing", async (path, message) => {
		const bench = new ToolBench();
		mkdirSync(join(bench.workspace, "dir"));
		mkdirSync(join(bench.outside, "secret"));
		bench.file("file", "");
		symlinkSync("../../secret", join(bench.workspace, "link"));
		symlinkSync("../../escaped", join(bench.workspace, "dangling"));
		expect(await bench.error(write, { path, content: "x" })).toContain(message);
		for (const escaped of ["escaped", "workspaces/escaped", "secret/new"]) expect(existsSync(join(bench.outside, escaped))).toBe(false);
	});

	it("does not write through a hard link to a file outside", async () => {
		const bench = new ToolBench();
		writeFileSync(join(bench.outside, "secret"), "secret");
		linkSync(join(bench.outside, "secret"), join(bench.workspace, "hard"));
		await bench.content(write, { path: "hard", content: "new" });
		expect(readFileSync(join(bench.outside, "secret"), "utf8")).toBe("secret");
	});
});
