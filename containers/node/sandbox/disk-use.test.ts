import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { diskUse } from "./disk-use.ts";

const MIB = 2 ** 20;

it("what a session has on the disk is every file of it once, ignored directories too, without holes and what links name", async () => {
	const root = temporaryDirectory();
	const elsewhere = temporaryDirectory();
	writeFileSync(join(elsewhere, "big"), Buffer.alloc(8 * MIB, 1));
	mkdirSync(join(root, "node_modules"));
	for (const name of ["one", "node_modules/two"]) writeFileSync(join(root, name), Buffer.alloc(MIB, 1));
	linkSync(join(root, "one"), join(root, "again"));
	symlinkSync(elsewhere, join(root, "link"));
	writeFileSync(join(root, "holes"), "");
	truncateSync(join(root, "holes"), 64 * MIB);
	const bytes = await diskUse([root, join(root, "no such directory")]);
	expect(bytes).toBeGreaterThanOrEqual(2 * MIB);
	expect(bytes).toBeLessThan(3 * MIB);
});

it("a tree that is too large to be counted is counted as far as it goes", async () => {
	const root = temporaryDirectory();
	for (const name of ["a", "b"]) writeFileSync(join(root, name), Buffer.alloc(MIB, 1));
	let now = 0;
	const bytes = await diskUse([root], () => (now += 3_000));
	expect(bytes).toBeGreaterThanOrEqual(MIB);
	expect(bytes).toBeLessThan(2 * MIB);
});
