/** What goes on in a workspace may swap any directory for a link at any moment: what is opened is looked at once more. */
import { chmodSync, chownSync, linkSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { inDirectory } from "./in-directory.ts";
import { readContents } from "./read-contents.ts";
import { scan } from "./scan.ts";
import { KeptWorkspace } from "./testing/kept-workspace.ts";
import { TreeWriter } from "./tree-writer.ts";

/** A workspace whose directory `d`, and what is below it, is somewhere else. */
function swapped(): { root: string; outside: string } {
	const [root, outside] = [temporaryDirectory(), temporaryDirectory()];
	mkdirSync(join(outside, "e"));
	writeFileSync(join(outside, "e/secret"), "secret");
	writeFileSync(join(outside, "secret"), "secret");
	symlinkSync(outside, join(root, "d"));
	return { root, outside };
}

const path = (base: string) => base;

describe("a directory that became a link", () => {
	it.each(["d/secret", "d/e/secret"])("is not read through (%s)", async (name) => {
		const read: Uint8Array[] = [];
		expect(await readContents(swapped().root, name, async (part) => read.push(part))).toBeUndefined();
		expect(read).toEqual([]);
	});

	it("is not read when the link is the file itself", async () => {
		const { root, outside } = swapped();
		symlinkSync(join(outside, "secret"), join(root, "f"));
		expect(await readContents(root, "f", async () => undefined)).toBeUndefined();
	});

	it("is not written, removed from or made larger", () => {
		const { root, outside } = swapped();
		const writer = new TreeWriter(root, undefined);
		const file = { type: "file" as const, path: "d/e/new", mode: 0o644, mtime: 0, parts: [] };
		for (const act of [
			() => writer.putFile(file, Buffer.from("x")),
			() => writer.makeFile("d/new", 1),
			() => writer.writeFile("d/e/secret", 0, Buffer.from("x")),
			() => writer.remove("d/e/secret"),
			() => writer.makeDirectory("d/e/new", 0o755),
			() => writer.makeLink("d/e/new", "/"),
			() => writer.setMode("d/e", 0o777),
		])
			expect(act).toThrow();
		expect(readFileSync(join(outside, "e/secret"), "utf8")).toBe("secret");
	});

	it("is found out whether the link is the directory or above it", () => {
		const { root } = swapped();
		expect(() => inDirectory(join(root, "d"), path)).toThrow();
		expect(() => inDirectory(join(root, "d/e"), path)).toThrow("was replaced while files were put into it, so nothing was written there.");
		expect(inDirectory(root, () => "inside")).toBe("inside");
	});

	it("is not listed when it became one between the look at it and the look into it", async () => {
		const { root, outside } = swapped();
		mkdirSync(join(root, "e"));
		const swap = (path: string) => {
			// Asked about each entry before it is looked into.
			if (path === "later") renameSync(join(root, "e"), join(root, "was"));
			if (path === "later") symlinkSync(outside, join(root, "e"));
			return false;
		};
		mkdirSync(join(root, "later"));
		const { entries } = await scan(root, swap);
		expect(entries.map(({ path }) => path)).toEqual(["d", "e", "later"]);
	});
});

describe.runIf(process.getuid?.() === 0)("a hard link to a file of somebody else", () => {
	const user = 0x7000_0002;

	/** A workspace of a session's user with a file of its own, in a checkpoint. */
	async function owned(): Promise<{ kept: KeptWorkspace; foreign: string; file: string }> {
		const kept = new KeptWorkspace();
		const [foreign, file] = [join(temporaryDirectory(), "foreign"), join(kept.root, "file")];
		for (const path of [foreign, file]) writeFileSync(path, "the same");
		for (const path of [kept.root, file]) chownSync(path, user, user);
		chmodSync(file, 0o640);
		chmodSync(foreign, 0o604);
		return { kept, foreign, file };
	}

	it("is in no checkpoint", async () => {
		const { kept, foreign } = await owned();
		linkSync(foreign, join(kept.root, "link"));
		expect(await kept.checkpoint()).toMatchObject({ state: "stored", checkpoint: { files: 1 }, unreadable: ["link"] });
	});

	it("is not given away by a restore, which puts the session's own file in its place", async () => {
		const { kept, foreign, file } = await owned();
		const head = await kept.keep();
		renameSync(file, `${file}-was`);
		linkSync(foreign, file);
		await kept.restore(head);
		expect([statSync(foreign).uid, statSync(foreign).mode & 0o777, statSync(file).uid, statSync(file).mode & 0o777]).toEqual([
			...[0, 0o604, user, 0o640],
		]);
	});

	it("is neither written nor given away when it comes while files are put there", async () => {
		const { kept, foreign } = await owned();
		linkSync(foreign, join(kept.root, "link"));
		const writer = new TreeWriter(kept.root, { uid: user, gid: user });
		expect(() => writer.writeFile("link", 0, Buffer.from("x"))).toThrow("link to a file of somebody else");
		expect(() => writer.finishFile({ type: "file", path: "link", mode: 0o777, mtime: 0, parts: [] })).toThrow("somebody else");
		expect([readFileSync(foreign, "utf8"), statSync(foreign).uid]).toEqual(["the same", 0]);
	});
});
