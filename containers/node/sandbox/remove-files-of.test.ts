import { chownSync, existsSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { removeFilesOf } from "./remove-files-of.ts";
import { isReused, USER_RANGES } from "./unix-users.ts";

const USER = { uid: 50_001, gid: 50_001 };

it.runIf(process.getuid?.() === 0)("what a session's user left in a shared directory goes, and nothing of others", async () => {
	const shared = temporaryDirectory();
	const others = temporaryDirectory();
	writeFileSync(join(others, "file"), "of another");
	mkdirSync(join(shared, "dir"));
	for (const name of ["file", "dir/deep"]) writeFileSync(join(shared, name), "left");
	symlinkSync(others, join(shared, "dir/link"));
	for (const name of ["dir", "file", "dir/deep"]) chownSync(join(shared, name), USER.uid, USER.gid);
	mkdirSync(join(shared, "kept"));
	writeFileSync(join(shared, "kept/left"), "left");
	chownSync(join(shared, "kept/left"), USER.uid, USER.gid);
	writeFileSync(join(shared, "kept/of-another"), "");
	lchownSync(join(shared, "dir/link"), USER.uid, USER.gid);
	await removeFilesOf(USER, [shared, join(shared, "no such directory")]);
	expect(["file", "dir", "kept/left", "kept/of-another"].filter((name) => existsSync(join(shared, name)))).toEqual(["kept/of-another"]);
	expect(existsSync(join(others, "file"))).toBe(true);
});

it("numbers are given again in the range of user namespaces only", () => {
	expect(USER_RANGES.map(isReused)).toEqual([false, true]);
});
