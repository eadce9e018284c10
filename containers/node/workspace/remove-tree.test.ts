import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { removeTree } from "./remove-tree.ts";

describe("removeTree", () => {
	it("removes a tree that is deeper than a path can be long", async () => {
		const root = join(temporaryDirectory(), "w");
		mkdirSync(root);
		const name = "d".repeat(200);
		execFileSync("/bin/sh", ["-c", `i=0; while [ $i -lt 30 ]; do mkdir ${name} && cd -P ${name} || exit 1; i=$((i+1)); done`], {
			cwd: root,
		});
		await removeTree(root);
		expect(existsSync(root)).toBe(false);
	});

	it("leaves alone what links lead to", async () => {
		const outside = temporaryDirectory();
		writeFileSync(join(outside, "kept"), "kept");
		const root = join(temporaryDirectory(), "-w");
		mkdirSync(root);
		symlinkSync(outside, join(root, "link"));
		await removeTree(root);
		expect([existsSync(root), readFileSync(join(outside, "kept"), "utf8")]).toEqual([false, "kept"]);
	});

	it("has nothing to do where there is nothing", async () => {
		await expect(removeTree(join(temporaryDirectory(), "none"))).resolves.toBeUndefined();
	});
});
