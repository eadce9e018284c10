import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BLOB_CONTENTS_BYTES, GZIP, type ManifestEntry, RAW } from "./manifest.ts";
import { BLOB_LIMIT_BYTES } from "./protocol.ts";
import { decodeBlobContents, decodeManifest, encodeBlobContents, encodeManifest } from "./stored-bytes.ts";

const blob = "a".repeat(64);

function decoding(entries: unknown[], blobs = [blob]): Promise<unknown> {
	return decodeManifest(gzipSync(JSON.stringify({ version: 1, blobs, entries })));
}

const file = (path: string, parts: unknown = [[0, 0, 1]]) => ({ type: "file", path, mode: 0o644, mtime: 0, parts });
const directory = (path: string) => ({ type: "directory", path, mode: 0o755 });

describe("a manifest", () => {
	it("comes back as it was stored, and is the same bytes each time", async () => {
		const entries: ManifestEntry[] = [
			{ type: "directory", path: "d", mode: 0o755 },
			{ type: "file", path: "d/\udc80", mode: 0o4755, mtime: -1, parts: [[0, 5, 7]] },
			{ type: "symlink", path: "d/l", target: "../../.." },
		];
		entries.sort((a, b) => (a.path < b.path ? -1 : 1));
		const manifest = { version: 1 as const, blobs: [blob], entries };
		const stored = await encodeManifest(manifest);
		expect(await decodeManifest(stored ?? new Uint8Array())).toEqual(manifest);
		expect(await encodeManifest(structuredClone(manifest))).toEqual(stored);
	});

	it.each([
		["../a", "leads out of the workspace"],
		["/a", "leads out of the workspace"],
		["a/../../b", "leads out of the workspace"],
		["a//b", "leads out of the workspace"],
		["a/.", "leads out of the workspace"],
		["a/", "leads out of the workspace"],
		["", "leads out of the workspace"],
		["a\0b", "leads out of the workspace"],
	])("that names the path %j is not used", async (path, why) => {
		await expect(decoding([file(path)])).rejects.toThrow(why);
	});

	it.each([
		[
			"a file below a link",
			[{ type: "symlink", path: "a", target: "/etc" }, file("a/b")],
			'The entry "a/b" is in a directory that the manifest does not have.',
		],
		["a file below a file", [file("a"), file("a/b")], 'The entry "a/b" is in a directory'],
		["a file in no directory", [file("a/b")], 'The entry "a/b" is in a directory'],
		["a path twice", [directory("a"), file("a")], 'The entry "a" is there twice or not in its place.'],
		["paths out of order", [file("b"), file("a")], 'The entry "a" is there twice or not in its place.'],
		["a blob that it does not name", [file("a", [[1, 0, 1]])], 'The entry "a" is in a blob that is not named.'],
		["a part that is too large", [file("a", [[0, 0, BLOB_CONTENTS_BYTES + 1]])], "Too big"],
		["modes that there are not", [{ ...directory("a"), mode: 0o10000 }], "Too big"],
	])("with %s is not used", async (_, entries, why) => {
		await expect(decoding(entries)).rejects.toThrow(why);
	});

	it("that is cut, or is none, is damaged", async () => {
		const stored = gzipSync("{}");
		await expect(decodeManifest(stored.subarray(0, 10))).rejects.toThrow("The manifest is damaged");
		await expect(decodeManifest(Buffer.from("text"))).rejects.toThrow("The manifest is damaged");
		await expect(decodeManifest(gzipSync(JSON.stringify({ version: 2, blobs: [], entries: [] })))).rejects.toThrow(
			"The manifest cannot be used",
		);
	});
});

describe("contents in a blob", () => {
	it.each([
		["text, which is compressed", Buffer.from("text ".repeat(100_000)), GZIP],
		["noise, which is not", crypto.getRandomValues(Buffer.alloc(60_000)), RAW],
		["a single byte", Buffer.from("x"), RAW],
	])("come back: %s", async (_, contents, how) => {
		const stored = await encodeBlobContents(contents);
		expect(stored[0]).toBe(how);
		expect(Buffer.from(await decodeBlobContents(stored)).equals(contents)).toBe(true);
	});

	it("fit under one name, however little they can be compressed", async () => {
		const noise = Buffer.concat(Array.from({ length: 64 }, () => crypto.getRandomValues(Buffer.alloc(65_536))));
		expect(noise.byteLength).toBe(BLOB_CONTENTS_BYTES);
		expect((await encodeBlobContents(noise)).byteLength).toBeLessThanOrEqual(BLOB_LIMIT_BYTES);
	});

	it("that would fill the memory are not unpacked", async () => {
		const bomb = Buffer.concat([Buffer.of(GZIP), gzipSync(Buffer.alloc(BLOB_CONTENTS_BYTES + 1))]);
		await expect(decodeBlobContents(bomb)).rejects.toThrow();
	});

	it("kept in a way that is not known are not guessed at", async () => {
		await expect(decodeBlobContents(Buffer.of(9, 1, 2))).rejects.toThrow(
			"The blob begins with 9, which this version of klaw does not know.",
		);
	});
});
