import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockDataDir } from "./data-lock.ts";
import { processStart } from "./process/process-table.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

function leaveHolder(dir: string, pid: number | undefined, start: string | undefined): void {
	mkdirSync(join(dir, "runtimes"), { recursive: true });
	writeFileSync(join(dir, "runtimes", `${pid}.${start}.00000000`), "");
}

describe("lockDataDir", () => {
	it("refuses a second runtime with a sentence that names the first", async () => {
		const dir = temporaryDirectory();
		await lockDataDir(dir);
		await expect(lockDataDir(dir)).rejects.toThrow(`${dir} is in use by another node runtime (process ${process.pid}). Stop it`);
	});

	it("is free again when it is let go", async () => {
		const dir = temporaryDirectory();
		(await lockDataDir(dir))();
		(await lockDataDir(dir))();
		expect(readdirSync(join(dir, "runtimes"))).toEqual([]);
	});

	it("is taken over from a runtime that was killed", async () => {
		const dir = temporaryDirectory();
		const holder = spawn("sleep", ["60"]);
		const start = processStart(holder.pid ?? 0);
		leaveHolder(dir, holder.pid, start);
		expect(start).toBeDefined();
		holder.kill("SIGKILL");
		await once(holder, "exit");
		await lockDataDir(dir);
		expect(readdirSync(join(dir, "runtimes"))).toHaveLength(1);
	});

	it("is taken over when the holder's process id belongs to another process now", async () => {
		const dir = temporaryDirectory();
		leaveHolder(dir, process.pid, "12345");
		await lockDataDir(dir);
	});

	it("goes to at most one of many that come at once", async () => {
		const dir = temporaryDirectory();
		leaveHolder(dir, process.pid, "12345");
		const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDir(dir)));
		expect(tries.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
	});
});
