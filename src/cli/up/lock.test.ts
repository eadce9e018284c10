import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockDataDir } from "./lock.ts";

let dir: string;
beforeEach(() => {
	dir = join(mkdtempSync(join(tmpdir(), "klaw-lock-")), "holders");
});
afterEach(() => rmSync(join(dir, ".."), { recursive: true, force: true }));

/** Another process that takes the lock, says so, and keeps it until it is killed. */
async function holder() {
	const program = `
		import { lockDataDir } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
		await lockDataDir(${JSON.stringify(dir)});
		console.log("held");
		setInterval(() => {}, 1000);
	`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
	await new Promise((resolve) => child.stdout.once("data", resolve));
	return child;
}

it("a second klaw on the same data is refused with the process id of the first, until that is gone", async () => {
	const first = await holder();
	await expect(lockDataDir(dir)).rejects.toThrow(
		`A klaw is already running here (pid ${first.pid}). Stop it with Ctrl-C in its terminal, or: kill ${first.pid}. Or use another --data.`,
	);
	const gone = new Promise((resolve) => first.once("exit", resolve));
	first.kill("SIGKILL");
	await gone;
	const release = await lockDataDir(dir);
	expect(readdirSync(dir)).toHaveLength(1);
	release();
	expect(readdirSync(dir)).toEqual([]);
});
