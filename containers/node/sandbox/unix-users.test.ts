import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { freeUser, sessionUser, USER_RANGES } from "./unix-users.ts";

describe.runIf(process.getuid?.() === 0)("freeUser", () => {
	it("gives numbers of the range, each to one workspace, and one again when its workspace is gone", () => {
		const dir = temporaryDirectory();
		const range = { first: 50_000, last: 50_002 };
		for (const name of ["a", "b", "c"]) {
			mkdirSync(join(dir, name));
			if (name === "c") break;
			const { uid, gid } = freeUser([dir], range);
			chownSync(join(dir, name), uid, gid);
		}
		const taken = ["a", "b"].map((name) => sessionUser(join(dir, name), range)?.uid);
		const last = freeUser([dir], range).uid;
		expect([...taken, last].sort()).toEqual([50_000, 50_001, 50_002]);
	});

	it("gives no number whose workspace is gone and whose temporary files are not", () => {
		const [workspaces, temporary] = [temporaryDirectory(), temporaryDirectory()];
		mkdirSync(join(temporary, "a"));
		chownSync(join(temporary, "a"), 50_000, 50_000);
		const range = { first: 50_000, last: 50_001 };
		const given = Array.from({ length: 20 }, () => freeUser([workspaces, temporary, join(temporary, "none")], range).uid);
		expect(new Set(given)).toEqual(new Set([50_001]));
	});
});

describe("sessionUser", () => {
	it("is nobody for a file of root's or of a person", () => {
		for (const range of USER_RANGES) expect(sessionUser(temporaryDirectory(), range)).toBeUndefined();
	});

	it("is nobody for what is not there", () => {
		expect(sessionUser("/no/such/file", { first: 0, last: 100 })).toBeUndefined();
	});
});
