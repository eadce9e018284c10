import { mkdirSync, rmSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromSystem, toSystem } from "./file-name.ts";
import { KeptWorkspace } from "./testing/kept-workspace.ts";
import { picture, plant, type Tree, type TreeEntry } from "./testing/tree.ts";

/** Names that somebody will have one day, bytes that are no text among them. */
const name = fc
	.oneof(
		fc.constantFrom("a", "b", "c", "src", "x.txt", "a b", "é", "日本", "-rf", "..a", "a\\b", "'\"", "\n", "a\u2028", "😀", "CON"),
		fc
			.uint8Array({ minLength: 1, maxLength: 4 })
			.filter((bytes) => !bytes.includes(0) && !bytes.includes(47))
			.map(fromSystem),
	)
	.filter((text) => text !== "." && text !== ".." && text !== ".klawignore");

const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const mode = fc.constantFrom(0o644, 0o755, 0o600, 0o444, 0o000, 0o4755, 0o1777, 0o666);

const entry: fc.Arbitrary<TreeEntry> = fc.oneof(
	{
		weight: 5,
		arbitrary: fc.record({
			file: fc.oneof(fc.string(), fc.constantFrom("same", "", "x".repeat(10_000))),
			mode,
			mtime: fc.integer({ min: -(10 ** 12), max: 3 * 10 ** 12 }),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ link: fc.constantFrom("a", "../..", "/etc/passwd", "nowhere", ".", "é") }) },
	{ weight: 1, arbitrary: fc.record({ directory: fc.constantFrom(0o755, 0o700, 0o555, 0o000, 0o2775) }) },
);

/** Paths of which none goes through a file or a link. */
const tree: fc.Arbitrary<Tree> = fc.array(fc.tuple(path, entry), { maxLength: 12 }).map((entries) => {
	const all: Tree = {};
	for (const [at, what] of entries) {
		const parents = at.split("/").map((_, index, parts) => parts.slice(0, index).join("/"));
		const inTheWay = parents.some((parent) => all[parent] !== undefined && !("directory" in all[parent]));
		const hasChildren = Object.keys(all).some((other) => other.startsWith(`${at}/`));
		if (!inTheWay && (!hasChildren || "directory" in what)) all[at] = what;
	}
	return all;
});

function replaceAll(root: string, all: Tree): void {
	rmSync(root, { recursive: true, force: true });
	mkdirSync(root);
	plant(root, all);
}

const RUNS = { numRuns: 50 };
const TIMEOUT_MS = 60_000;

describe("a workspace that is checkpointed and restored elsewhere", () => {
	it("is the same, whatever is in it", { timeout: TIMEOUT_MS }, async () => {
		await fc.assert(
			fc.asyncProperty(tree, async (all) => {
				const here = new KeptWorkspace();
				plant(here.root, all);
				await here.checkpoint();
				const there = new KeptWorkspace(here.blobs);
				await there.restore(here.head);
				expect(picture(there.root)).toEqual(picture(here.root));
			}),
			RUNS,
		);
	});

	it("is the same after any change, and its old self again after going back", { timeout: TIMEOUT_MS }, async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(tree, { minLength: 2, maxLength: 4 }), async (trees) => {
				const here = new KeptWorkspace();
				const there = new KeptWorkspace(here.blobs);
				const states: { head: string | undefined; seen: Record<string, unknown> }[] = [];
				for (const [index, all] of trees.entries()) {
					// Now a change to what is there, now something else altogether.
					if (index % 2 === 0) replaceAll(here.root, all);
					else for (const [at, what] of Object.entries(all)) tryTo(() => plant(here.root, { [at]: what }));
					await here.checkpoint();
					states.push({ head: here.head, seen: picture(here.root) });
					await there.restore(here.head);
					expect(picture(there.root)).toEqual(picture(here.root));
				}
				for (const { head, seen } of states.toReversed()) {
					await here.restore(head);
					expect(picture(here.root)).toEqual(seen);
				}
			}),
			RUNS,
		);
	});
});

/** Something else may be in the way. */
function tryTo(act: () => void): void {
	try {
		act();
	} catch {}
}

describe("names of files", () => {
	it("have one text each, from which they come back byte by byte", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
				expect(Buffer.from(toSystem(fromSystem(bytes)))).toEqual(Buffer.from(bytes));
			}),
		);
	});

	it("that are text stay what they are", () => {
		for (const text of ["a", "é/日本", "😀", "\ufffd", "\ufeffbom"]) expect(fromSystem(Buffer.from(text))).toBe(text);
	});
});
