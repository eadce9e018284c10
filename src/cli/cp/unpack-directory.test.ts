import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Header, pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { unpackDirectory } from "./unpack-directory.ts";

type Entry = Partial<Header> & Pick<Header, "name">;

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "klaw-unpack-"));
	mkdirSync(join(root, "outside"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function unpack(...entries: (Entry & { text?: string })[]): Promise<string[]> {
	const tar = pack();
	for (const { text = "", ...headers } of entries) {
		const size = Buffer.byteLength(text);
		tar.entry({ ...headers, size }).end(text);
	}
	tar.finalize();
	const skipped: string[] = [];
	await unpackDirectory(tar as AsyncIterable<Uint8Array>, join(root, "to"), (path, target) => skipped.push(`${path} -> ${target}`));
	return skipped;
}

describe("a tar from a workspace", () => {
	it.each<[string, Entry[]]>([
		["a name with ..", [{ name: "../outside/f", type: "file" }]],
		["a name with .. in the middle", [{ name: "a/../../outside/f", type: "file" }]],
		["an absolute name", [{ name: "/tmp/klaw-escaped", type: "file" }]],
		["a hard link to what is outside", [{ name: "f", type: "link", linkname: "../outside/secret" }]],
		["a hard link to an absolute path", [{ name: "f", type: "link", linkname: "/etc/passwd" }]],
	])("with %s is refused", async (_, entries) => {
		await expect(unpack(...entries)).rejects.toThrow(/leads out of the directory/);
		expect(readdirSync(join(root, "outside"))).toEqual([]);
		expect(existsSync("/tmp/klaw-escaped")).toBe(false);
	});

	it("does not get out through a link that was there before", async () => {
		mkdirSync(join(root, "to"));
		symlinkSync(join(root, "outside"), join(root, "to/way"));
		await expect(unpack({ name: "way/f", type: "file", text: "f" })).rejects.toThrow(/leads out/);
		await expect(unpack({ name: "way/new/f", type: "file", text: "f" })).rejects.toThrow(/leads out/);
		expect(readdirSync(join(root, "outside"))).toEqual([]);
	});

	it("does not get out by a chain of links", async () => {
		const links: Entry[] = [
			{ name: "d/e", type: "directory" },
			{ name: "d/e/up", type: "symlink", linkname: "../.." },
			{ name: "way", type: "symlink", linkname: "d/e/up/.." },
		];
		await expect(unpack(...links, { name: "way/outside/f", type: "file" })).rejects.toThrow(/leads out/);
		expect(readdirSync(join(root, "outside"))).toEqual([]);
	});

	it("may link within itself, and what is written there is within it", async () => {
		const skipped = await unpack(
			{ name: "d", type: "directory" },
			{ name: "way", type: "symlink", linkname: "d" },
			{ name: "way/f", type: "file", text: "f" },
			{ name: "same", type: "link", linkname: "d/f" },
		);
		expect(skipped).toEqual([]);
		expect([readFileSync(join(root, "to/d/f"), "utf8"), readFileSync(join(root, "to/same"), "utf8")]).toEqual(["f", "f"]);
	});

	it("has devices and pipes passed over", async () => {
		expect(await unpack({ name: "pipe", type: "fifo" }, { name: "f", type: "file", text: "f" })).toEqual(["pipe -> "]);
		expect(readdirSync(join(root, "to"))).toEqual(["f"]);
	});

	it.each<Entry>([
		{ name: "Documents", type: "symlink", linkname: "x" },
		{ name: "Documents", type: "file" },
	])("takes no directory away that is here under the name of its %j", async (entry) => {
		mkdirSync(join(root, "to/Documents"), { recursive: true });
		mkdirSync(join(root, "to/Documents/letters"));
		await expect(unpack(entry)).rejects.toThrow('"Documents" is no directory in the workspace, but one here');
		expect(readdirSync(join(root, "to/Documents"))).toEqual(["letters"]);
	});
});
