import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { commandOf, TAKE_FILE } from "./scripts.ts";

it("a file that the node does not take whole is told with the numbers, and leaves nothing", () => {
	const cwd = mkdtempSync(join(tmpdir(), "klaw-cp-"));
	const bytes = 300_000;
	// At most 8 blocks of 512 bytes (or of 1,024, with bash as sh) may be written to a file.
	const limited = ["sh", "-c", 'ulimit -f 8; exec "$@"', "limited", ...commandOf(TAKE_FILE, "./big", "big", "644", String(bytes))];
	const { status, stderr } = spawnSync(limited[0] ?? "", limited.slice(1), { cwd, input: Buffer.alloc(bytes), encoding: "utf8" });
	expect(status).toBe(1);
	expect(stderr).toMatch(/The node ended the copy after (4096|8192) of 300000 bytes: .*ephemeral-storage allows\. Nothing was changed\./);
	expect(readdirSync(cwd)).toEqual([]);
	rmSync(cwd, { recursive: true });
});
