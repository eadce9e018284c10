import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { assertOpenedInside, confine, openInside } from "./confine.ts";

/** `root` is the workspace; `secret/key` lies beside it. */
function workspace(): { root: string; outside: string } {
	const outside = temporaryDirectory();
	const root = join(outside, "workspace");
	for (const dir of ["workspace/src", "workspace-2", "secret"]) mkdirSync(join(outside, dir), { recursive: true });
	writeFileSync(join(outside, "secret", "key"), "secret");
	writeFileSync(join(root, "src", "a.ts"), "a");
	return { root, outside };
}

describe("confine", () => {
	it.each([
		["src/a.ts", "src/a.ts"],
		["./src/../src/a.ts", "src/a.ts"],
		["new/deep/file", "new/deep/file"],
		["..a", "..a"],
		[".", ""],
	])("resolves %j inside the workspace", async (path, real) => {
		const { root } = workspace();
		expect(await confine(root, path)).toBe(join(root, real));
	});

	it("takes an absolute path inside the workspace", async () => {
		const { root } = workspace();
		expect(await confine(root, join(root, "src/a.ts"))).toBe(join(root, "src/a.ts"));
	});

	it.each(["..", "../secret/key", "src/../../secret/key", "/etc/passwd", "/", "../workspace-2/x"])("refuses %j", async (path) => {
		const { root } = workspace();
		await expect(confine(root, path)).rejects.toThrow(`"${path}" is outside the workspace`);
	});

	it("refuses an absolute path into a directory whose name begins like the workspace's", async () => {
		const { root } = workspace();
		await expect(confine(root, `${root}-2/x`)).rejects.toThrow("is outside the workspace");
	});

	it("follows a link that stays inside", async () => {
		const { root } = workspace();
		symlinkSync("src", join(root, "link"));
		expect(await confine(root, "link/a.ts")).toBe(join(root, "src/a.ts"));
	});

	it.each([
		["a link to a file outside", "../secret/key", "link", "is outside"],
		["a link in a parent directory", "../secret", "link/key", "is outside"],
		["a new file below a link in a parent directory", "../secret", "link/new/file", "is outside"],
		["an absolute link", "/etc", "link/passwd", "is outside"],
		["a dangling link to a place outside", "../secret/new", "link", "does not exist"],
		["a dangling link in a parent directory", "../nothing", "link/new", "does not exist"],
	])("refuses %s", async (_, target, path, message) => {
		const { root } = workspace();
		symlinkSync(target, join(root, "link"));
		await expect(confine(root, path)).rejects.toThrow(message);
	});

	it("refuses a link to a link that leads out", async () => {
		const { root } = workspace();
		symlinkSync("../secret", join(root, "second"));
		symlinkSync("second", join(root, "first"));
		await expect(confine(root, "first/key")).rejects.toThrow("is outside");
	});

	it("says the same of a link to what is there, to what is not, and through a file: a session could ask what the node has", async () => {
		const { root } = workspace();
		const answers = new Set<string>();
		for (const [index, target] of ["../secret/key", "../secret/no", "../secret", "../nothing"].entries()) {
			symlinkSync(target, join(root, `link-${index}`));
			for (const path of [`link-${index}`, `link-${index}/key`, `link-${index}/key/x`]) {
				const error: unknown = await confine(root, path).catch((error: unknown) => error);
				answers.add(error instanceof Error ? error.message.replace(path, "PATH") : "none");
			}
		}
		expect([...answers]).toEqual([
			expect.stringMatching(/^"PATH" goes through a symbolic link, .* outside the workspace or does not exist\./),
		]);
	});

	it("refuses a path with a NUL character", async () => {
		await expect(confine(workspace().root, "a\0b")).rejects.toThrow("NUL");
	});
});

describe("openInside", () => {
	it("does not wait for the writer of a FIFO", async () => {
		const { root } = workspace();
		execFileSync("mkfifo", [join(root, "pipe")]);
		await expect(openInside(root, "pipe")).rejects.toThrow("neither a file nor a directory");
	});
});

describe("assertOpenedInside", () => {
	it("refuses a file that was opened through a directory swapped for a link after the check", async () => {
		const { root, outside } = workspace();
		writeFileSync(join(root, "src", "key"), "harmless");
		const real = await confine(root, "src/key");
		renameSync(join(root, "src"), join(root, "gone"));
		symlinkSync(join(outside, "secret"), join(root, "src"));
		const handle = await open(real);
		await expect(assertOpenedInside(root, handle, real)).rejects.toThrow("is outside");
		await handle.close();
	});
});
