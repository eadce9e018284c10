/** What goes on in a workspace may swap any directory for a link at any moment: what is opened is looked at once more. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { inDirectory } from "./in-directory.ts";
import { readContents } from "./read-contents.ts";
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
});
