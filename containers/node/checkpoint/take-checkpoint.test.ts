import { execFileSync } from "node:child_process";
import {
	appendFileSync,
	cpSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { BLOB_CONTENTS_BYTES } from "./manifest.ts";
import { decodeManifest } from "./stored-bytes.ts";
import { KeptWorkspace } from "./testing/kept-workspace.ts";
import { picture, plant } from "./testing/tree.ts";

function noise(bytes: number): Buffer {
	const all = Buffer.alloc(bytes);
	for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(all.subarray(at, at + 65_536));
	return all;
}

/** The files of a workspace as another machine gets them. */
async function elsewhere(workspace: KeptWorkspace): Promise<Record<string, unknown>> {
	const there = new KeptWorkspace(workspace.blobs);
	await there.restore(workspace.head);
	return picture(there.root);
}

async function stored(workspace: KeptWorkspace) {
	const taken = await workspace.checkpoint();
	if (taken.state !== "stored" || !taken.checkpoint) throw new Error("nothing was stored");
	return taken.checkpoint;
}

describe("a checkpoint", () => {
	it("of a workspace in which there never was anything is none", async () => {
		const workspace = new KeptWorkspace();
		expect(await workspace.checkpoint()).toMatchObject({ state: "stored", changed: false });
		expect(workspace.head).toBeUndefined();
		expect(workspace.blobs.stored.size).toBe(0);
	});

	it("of an emptied workspace is one of nothing", async () => {
		const workspace = new KeptWorkspace();
		plant(workspace.root, { a: { file: "x" } });
		await workspace.checkpoint();
		rmSync(join(workspace.root, "a"));
		expect(await stored(workspace)).toMatchObject({ files: 0, bytes: 0 });
		expect(await elsewhere(workspace)).toEqual({});
	});

	it("says what it stored, and stores only what changed", async () => {
		const workspace = new KeptWorkspace();
		for (let index = 0; index < 100; index++) writeFileSync(join(workspace.root, `f${index}`), noise(10_000));
		const first = await stored(workspace);
		expect(first).toMatchObject({ files: 100, bytes: 1_000_000 });
		expect(first.storedBytes).toBeGreaterThan(1_000_000);
		writeFileSync(join(workspace.root, "f7"), noise(10_000));
		const second = await stored(workspace);
		expect(second).toMatchObject({ files: 100, bytes: 1_000_000 });
		expect(second.storedBytes).toBeLessThan(20_000);
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});

	it("of the same files has the same name and stores nothing", async () => {
		const workspace = new KeptWorkspace();
		plant(workspace.root, { "d/a": { file: "one" }, b: { file: "two" } });
		const first = await stored(workspace);
		expect(await stored(workspace)).toEqual({ ...first, storedBytes: 0 });
	});

	it("does not store contents again that were moved, copied or are there twice", async () => {
		const workspace = new KeptWorkspace();
		writeFileSync(join(workspace.root, "a"), noise(100_000));
		cpSync(join(workspace.root, "a"), join(workspace.root, "b"));
		await workspace.checkpoint();
		const bytes = workspace.blobs.blobBytes;
		expect(bytes).toBeLessThan(101_000);
		renameSync(join(workspace.root, "a"), join(workspace.root, "moved"));
		cpSync(join(workspace.root, "b"), join(workspace.root, "copy"));
		await workspace.checkpoint();
		expect(workspace.blobs.blobBytes).toBe(bytes);
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});

	it("of a large file that grew stores its end only", async () => {
		const workspace = new KeptWorkspace();
		const path = join(workspace.root, "log");
		writeFileSync(path, noise(2 * BLOB_CONTENTS_BYTES + 1_000));
		await workspace.checkpoint();
		appendFileSync(path, noise(500));
		expect((await stored(workspace)).storedBytes).toBeLessThan(10_000);
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});

	it("sees a change that left size and times as they were", async () => {
		const workspace = new KeptWorkspace();
		const path = join(workspace.root, "a");
		writeFileSync(path, "one");
		const { atime, mtime } = statSync(path);
		await workspace.checkpoint();
		writeFileSync(path, "two");
		utimesSync(path, atime, mtime);
		await workspace.checkpoint();
		expect(await elsewhere(workspace)).toMatchObject({ "/a": { contents: "two" } });
	});

	it("sees each of a hundred changes that come right after one another", async () => {
		const workspace = new KeptWorkspace();
		for (let round = 0; round < 100; round++) {
			writeFileSync(join(workspace.root, "a"), String(round % 10));
			await workspace.checkpoint();
			const { entries } = await decodeManifest(await workspace.blobs.get("manifest", workspace.head ?? ""));
			expect(entries).toHaveLength(1);
			expect(await elsewhere(workspace)).toMatchObject({ "/a": { contents: String(round % 10) } });
		}
	});

	it("leaves out pipes and sockets, and does not wait for them", async () => {
		const workspace = new KeptWorkspace();
		execFileSync("mkfifo", [join(workspace.root, "pipe")]);
		plant(workspace.root, { a: { file: "x" } });
		await workspace.checkpoint();
		expect(Object.keys(await elsewhere(workspace))).toEqual(["/a"]);
	});

	it("keeps links as links, wherever they lead", async () => {
		const workspace = new KeptWorkspace();
		const outside = temporaryDirectory();
		writeFileSync(join(outside, "secret"), "secret");
		symlinkSync(outside, join(workspace.root, "out"));
		symlinkSync("/nowhere", join(workspace.root, "dangling"));
		expect(await stored(workspace)).toMatchObject({ files: 0, bytes: 0 });
		expect(await elsewhere(workspace)).toEqual({ "/out": { link: outside }, "/dangling": { link: "/nowhere" } });
	});

	it("is not made of a workspace over its ceiling, and no file is read for that", async () => {
		const workspace = new KeptWorkspace();
		plant(workspace.root, { small: { file: "x" } });
		await workspace.checkpoint();
		const { head } = workspace;
		writeFileSync(join(workspace.root, "big.bin"), "");
		truncateSync(join(workspace.root, "big.bin"), 5 * 2 ** 30);
		const size = workspace.blobs.stored.size;
		expect(await workspace.checkpoint(2 ** 30)).toMatchObject({
			state: "over",
			message: expect.stringContaining("Largest: big.bin (5.0 GiB)"),
		});
		expect([workspace.head, workspace.blobs.stored.size]).toEqual([head, size]);
		writeFileSync(join(workspace.root, ".klawignore"), "big.bin\n");
		expect(await workspace.checkpoint(2 ** 30)).toMatchObject({ state: "stored" });
		expect(Object.keys(await elsewhere(workspace))).toEqual(["/.klawignore", "/small"]);
	});

	it("after many small changes is still in few blobs", async () => {
		const workspace = new KeptWorkspace();
		for (let round = 0; round < 200; round++) {
			writeFileSync(join(workspace.root, `f${round}`), noise(100));
			await workspace.checkpoint();
		}
		const { blobs } = await decodeManifest(await workspace.blobs.get("manifest", workspace.head ?? ""));
		expect(blobs.length).toBeLessThan(40);
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});

	it("does not keep blobs of which hardly anything is left", async () => {
		const workspace = new KeptWorkspace();
		for (let index = 0; index < 40; index++) writeFileSync(join(workspace.root, `f${index}`), noise(100_000));
		await workspace.checkpoint();
		for (let index = 1; index < 40; index++) rmSync(join(workspace.root, `f${index}`));
		await workspace.checkpoint();
		const { blobs } = await decodeManifest(await workspace.blobs.get("manifest", workspace.head ?? ""));
		const bytes = blobs.reduce((sum, name) => sum + (workspace.blobs.stored.get(`blob/${name}`)?.byteLength ?? 0), 0);
		expect(bytes).toBeLessThan(110_000);
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});

	it("that could not be stored is stored the next time", async () => {
		const workspace = new KeptWorkspace();
		plant(workspace.root, { a: { file: "one" } });
		for (const failing of ["blob", "manifest"]) {
			workspace.blobs.before = (_, kind) => {
				if (kind === failing) throw new Error(`no ${failing}`);
			};
			await expect(workspace.checkpoint()).rejects.toThrow(`no ${failing}`);
		}
		workspace.blobs.before = () => undefined;
		await workspace.checkpoint();
		expect(await elsewhere(workspace)).toMatchObject({ "/a": { contents: "one" } });
	});

	it("of a file that is written all the time ends, with what was there", async () => {
		const workspace = new KeptWorkspace();
		const path = join(workspace.root, "log");
		writeFileSync(path, noise(3 * BLOB_CONTENTS_BYTES));
		// Between the parts of the file, each of which is stored before the next but one is read.
		workspace.blobs.before = () => appendFileSync(path, "more");
		await workspace.checkpoint();
		workspace.blobs.before = () => undefined;
		const there = new KeptWorkspace(workspace.blobs);
		await there.restore(workspace.head);
		const [kept, written] = [readFileSync(join(there.root, "log")), readFileSync(path)];
		expect(kept.equals(written.subarray(0, kept.byteLength))).toBe(true);
		expect(kept.byteLength).toBeGreaterThanOrEqual(3 * BLOB_CONTENTS_BYTES);
		await workspace.checkpoint();
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});

	it("of ten thousand files is made and restored", { timeout: 60_000 }, async () => {
		const workspace = new KeptWorkspace();
		const tree = Object.fromEntries(
			Array.from({ length: 10_000 }, (_, index) => [`d${index % 100}/f${index}`, { file: `contents ${index}` }]),
		);
		plant(workspace.root, tree);
		expect(await stored(workspace)).toMatchObject({ files: 10_000 });
		expect(await elsewhere(workspace)).toEqual(picture(workspace.root));
	});
});
