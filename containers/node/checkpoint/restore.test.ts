import { execFileSync } from "node:child_process";
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { BlobError } from "./blob-client.ts";
import { nameOf } from "./stored-bytes.ts";
import { KeptWorkspace } from "./testing/kept-workspace.ts";
import { MemoryBlobs } from "./testing/memory-blobs.ts";
import { picture, plant, type Tree } from "./testing/tree.ts";

/** A workspace with these files, and one elsewhere with what is in the same store. */
async function kept(tree: Tree): Promise<{ here: KeptWorkspace; there: KeptWorkspace; head: string }> {
	const here = new KeptWorkspace();
	plant(here.root, tree);
	const head = await here.keep();
	return { here, there: new KeptWorkspace(here.blobs), head };
}

const TREE: Tree = { "d/a": { file: "one", mode: 0o755 }, "d/e/b": { file: "two" }, c: { link: "d/a" }, empty: { directory: 0o700 } };

describe("a restore", () => {
	it("leaves what is right alone, and fetches only the blobs that are needed", async () => {
		const { here, head } = await kept({ a: { file: "one" } });
		plant(here.root, { b: { file: "two" } });
		await here.keep();
		writeFileSync(join(here.root, "a"), "ONE");
		await here.keep();
		plant(here.root, { b: { file: "three" } });
		await here.restore(head);
		expect(Object.keys(picture(here.root))).toEqual(["/a"]);
		expect(here.blobs.gets).toHaveLength(1);
		await here.restore(head);
		expect(here.blobs.gets).toHaveLength(1);
	});

	it("does not fetch what only its times tell apart", async () => {
		const { here, head } = await kept({ a: { file: "one" } });
		rmSync(join(here.root, "a"));
		writeFileSync(join(here.root, "a"), "one");
		const seen = picture(here.root);
		await here.restore(head);
		expect(here.blobs.gets).toEqual([]);
		expect(picture(here.root)).toMatchObject({ "/a": { contents: "one" } });
		expect(picture(here.root)).not.toEqual(seen);
	});

	it("finds a change that left size and place alike", async () => {
		const { here, head } = await kept({ a: { file: "one" } });
		writeFileSync(join(here.root, "a"), "two");
		await here.restore(head);
		expect(readFileSync(join(here.root, "a"), "utf8")).toBe("one");
	});

	it("removes what is extra, but nothing that is ignored", async () => {
		const { here, head } = await kept(TREE);
		const before = picture(here.root);
		plant(here.root, { "extra/x": { file: "x" }, "d/node_modules/m": { file: "m" }, "new/target/t": { file: "t" }, l: { link: "/" } });
		execFileSync("mkfifo", [join(here.root, "pipe")]);
		await here.restore(head);
		const {
			"/d/node_modules": _,
			"/d/node_modules/m": ignored,
			"/new": __,
			"/new/target": ___,
			"/new/target/t": also,
			...rest
		} = picture(here.root);
		expect(rest).toEqual(before);
		expect([ignored, also]).toMatchObject([{ contents: "m" }, { contents: "t" }]);
	});

	it("to nothing empties the workspace", async () => {
		const { here } = await kept(TREE);
		await here.restore(undefined);
		expect(picture(here.root)).toEqual({});
	});

	it("puts every kind of entry in the place of every other", async () => {
		const kinds: Tree = { f: { file: "x" }, l: { link: "nowhere" }, d: { directory: 0o755 } };
		for (const [, wanted] of Object.entries(kinds)) {
			for (const [, present] of Object.entries({ ...kinds, full: { directory: 0o755 } as const })) {
				const { here, there, head } = await kept({ x: wanted });
				plant(there.root, { x: present });
				if ("directory" in present) plant(there.root, { "x/node_modules/m": { file: "m" }, "x/y": { file: "y" } });
				await there.restore(head);
				expect(picture(there.root)["/x"]).toEqual(picture(here.root)["/x"]);
			}
		}
	});

	it("does not write through links", async () => {
		const { there, head } = await kept(TREE);
		const outside = temporaryDirectory();
		mkdirSync(join(outside, "e"));
		writeFileSync(join(outside, "a"), "outside");
		writeFileSync(join(outside, "e/b"), "outside");
		symlinkSync(outside, join(there.root, "d"));
		await there.restore(head);
		expect(picture(outside)).toMatchObject({ "/a": { contents: "outside" }, "/e/b": { contents: "outside" } });
		expect(picture(there.root)).toMatchObject({ "/d/a": { contents: "one" }, "/d/e/b": { contents: "two" } });
	});

	it("does not write through links that are ignored", async () => {
		const { there, head } = await kept({ "d/a": { file: "one" } });
		const outside = temporaryDirectory();
		writeFileSync(join(outside, "a"), "outside");
		symlinkSync(outside, join(there.root, "d"));
		writeFileSync(join(there.root, ".klawignore"), "d\n");
		await there.restore(head);
		expect(readFileSync(join(outside, "a"), "utf8")).toBe("outside");
		expect(picture(there.root)).toMatchObject({ "/d/a": { contents: "one" } });
	});

	it("does not write through a hard link", async () => {
		const { here, head } = await kept({ a: { file: "one" } });
		const outside = join(temporaryDirectory(), "f");
		writeFileSync(outside, "outside");
		rmSync(join(here.root, "a"));
		execFileSync("ln", [outside, join(here.root, "a")]);
		await here.restore(head);
		expect(readFileSync(outside, "utf8")).toBe("outside");
		expect(readFileSync(join(here.root, "a"), "utf8")).toBe("one");
	});

	it.runIf(process.getuid?.() === 0)("by root gives everything to whom the workspace belongs", async () => {
		const { there, head } = await kept(TREE);
		chownSync(there.root, 4711, 4712);
		await there.restore(head);
		for (const path of ["d", "d/a", "d/e", "d/e/b", "c", "empty"])
			expect(lstatSync(join(there.root, path))).toMatchObject({ uid: 4711, gid: 4712 });
	});

	it("of a manifest that leads outside does nothing", async () => {
		const workspace = new KeptWorkspace();
		plant(workspace.root, { a: { file: "x" } });
		const before = picture(workspace.root);
		const bytes = gzipSync(
			JSON.stringify({ version: 1, blobs: [], entries: [{ type: "file", path: "../evil", mode: 420, mtime: 0, parts: [] }] }),
		);
		workspace.blobs.stored.set(`manifest/${nameOf(bytes)}`, bytes);
		await expect(workspace.restore(nameOf(bytes))).rejects.toThrow("leads out of the workspace");
		expect(picture(workspace.root)).toEqual(before);
		expect(existsSync(join(workspace.root, "../evil"))).toBe(false);
	});

	it("of a manifest that is not there does nothing", async () => {
		const { here } = await kept(TREE);
		const before = picture(here.root);
		await expect(here.restore("0".repeat(64))).rejects.toThrow(BlobError);
		expect(picture(here.root)).toEqual(before);
	});

	it("of a blob that is shorter than it should be fails", async () => {
		const { there, head, here } = await kept({ a: { file: "contents" } });
		for (const key of here.blobs.stored.keys()) if (key.startsWith("blob/")) here.blobs.stored.set(key, Buffer.from("\0con"));
		await expect(there.restore(head)).rejects.toThrow("is shorter than the manifest says that it is.");
	});

	it("that was cut anywhere is done again", async () => {
		const blobs = new MemoryBlobs();
		const here = new KeptWorkspace(blobs);
		const trees: Tree[] = [
			{ ...TREE, ...Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`big${index}`, { file: String(index).repeat(2 ** 20) }])) },
			{ d: { file: "now a file" }, big0: { directory: 0o755 }, big1: { file: "1".repeat(5 * 2 ** 20) } },
		];
		const states: { head: string; seen: Record<string, unknown> }[] = [];
		for (const tree of trees) {
			await here.restore(undefined);
			plant(here.root, tree);
			states.push({ head: await here.keep(), seen: picture(here.root) });
		}
		for (let cut = 0; cut < 8; cut++) {
			const there = new KeptWorkspace(blobs);
			for (const { head, seen } of [...states, ...states]) {
				let left = cut;
				blobs.before = () => {
					if (left-- === 0) throw new Error("killed");
				};
				await there.restore(head).catch(() => undefined);
				blobs.before = () => undefined;
				await there.restore(head);
				expect(picture(there.root)).toEqual(seen);
			}
		}
	});
});
