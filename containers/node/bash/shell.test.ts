import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ToolBench } from "../testing/tool-bench.ts";
import { type Ending, Shell } from "./shell.ts";

const NEVER = new AbortController().signal;
const GRACE_MS = 300;

describe("Shell", () => {
	it("runs a command once when many start it at the same moment, and all see how it ended", async () => {
		const bench = new ToolBench();
		const record = bench.record("bash", {});
		const start = () => new Shell(record, bench.workspace).run("echo run >> runs; sleep 0.1; exit 7", NEVER, GRACE_MS);
		const endings = await Promise.all(Array.from({ length: 8 }, start));
		expect(endings).toEqual(Array.from({ length: 8 }, (): Ending => ({ how: "exited", code: 7 })));
		expect(readFileSync(join(bench.workspace, "runs"), "utf8")).toBe("run\n");
	});

	it("does not start a command whose start lock is taken by nobody that lives", async () => {
		const bench = new ToolBench();
		const record = bench.record("bash", {});
		writeFileSync(record.path("started"), "");
		expect(await new Shell(record, bench.workspace).run("touch ran", NEVER, GRACE_MS)).toMatchObject({ how: "not started" });
		expect(existsSync(join(bench.workspace, "ran"))).toBe(false);
	});

	it("does not take another process with the same id for its own", async () => {
		const bench = new ToolBench();
		const record = bench.record("bash", {});
		writeFileSync(record.path("started"), `${process.pid}\n`);
		expect(await new Shell(record, bench.workspace).run("touch ran", NEVER, GRACE_MS)).toEqual({ how: "vanished" });
	});

	it("does not start when it was decided to stop it", async () => {
		const bench = new ToolBench();
		const record = bench.record("bash", {});
		record.write("stop.json", '"cancelled: no"');
		expect(await new Shell(record, bench.workspace).run("touch ran", NEVER, GRACE_MS)).toEqual({ how: "stopped", why: "cancelled: no" });
		expect(existsSync(join(bench.workspace, "ran"))).toBe(false);
	});

	it("says why a shell could not be started", async () => {
		const bench = new ToolBench();
		const record = bench.record("bash", {});
		const ending = await new Shell(record, join(bench.workspace, "gone")).run("true", NEVER, GRACE_MS);
		expect(ending).toEqual({ how: "not started", why: expect.stringContaining("ENOENT") });
	});
});
