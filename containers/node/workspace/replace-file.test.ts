import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { confine } from "./confine.ts";
import { type Replacement, replaceFile } from "./replace-file.ts";

function replacement(root: string, path: string, more: Partial<Replacement> = {}): Replacement {
	return { root, real: join(root, path), content: "new", callId: "c", signal: new AbortController().signal, ...more };
}

describe("replaceFile", () => {
	it("makes missing directories and leaves nothing else behind", async () => {
		const root = temporaryDirectory();
		await replaceFile(replacement(root, "a/b/file"));
		expect(readFileSync(join(root, "a/b/file"), "utf8")).toBe("new");
		expect(readdirSync(join(root, "a/b"))).toEqual(["file"]);
	});

	it("keeps the mode of the file that it replaces", async () => {
		const root = temporaryDirectory();
		writeFileSync(join(root, "script"), "old");
		chmodSync(join(root, "script"), 0o750);
		await replaceFile(replacement(root, "script"));
		expect(statSync(join(root, "script")).mode & 0o7777).toBe(0o750);
	});

	it("leaves the old file whole when it does not get to its end", async () => {
		const root = temporaryDirectory();
		writeFileSync(join(root, "file"), "old");
		const beforeCommit = () => {
			throw new Error("no further");
		};
		await expect(replaceFile(replacement(root, "file", { beforeCommit }))).rejects.toThrow("no further");
		expect(readFileSync(join(root, "file"), "utf8")).toBe("old");
		expect(readdirSync(root)).toEqual(["file"]);
	});

	it("clears away what the same call left when its runtime was killed", async () => {
		const root = temporaryDirectory();
		writeFileSync(join(root, ".klaw-c.tmp"), "half");
		await replaceFile(replacement(root, "file"));
		expect(readdirSync(root)).toEqual(["file"]);
	});

	it("does not write through a directory that was swapped for a link after the check", async () => {
		const outside = temporaryDirectory();
		const root = join(outside, "workspace");
		mkdirSync(join(root, "src"), { recursive: true });
		mkdirSync(join(outside, "secret"));
		const real = await confine(root, "src/file");
		renameSync(join(root, "src"), join(root, "gone"));
		symlinkSync(join(outside, "secret"), join(root, "src"));
		await expect(replaceFile(replacement(root, "", { real }))).rejects.toThrow("was replaced while it was in use");
		expect(existsSync(join(outside, "secret", "file"))).toBe(false);
	});
});
