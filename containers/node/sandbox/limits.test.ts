import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Shell } from "../bash/shell.ts";
import { ToolBench } from "../testing/tool-bench.ts";
import { limitLines, processLimits } from "./limits.ts";
import { noSandbox } from "./sandbox.ts";

const MACHINE = { cores: 2, memory: 8 * 2 ** 30 };
const GIB = 2 ** 30;
/** Without root's right to raise a limit. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe("processLimits", () => {
	it("gives what nobody asked about generously, and of the machine's memory a half", () => {
		expect(processLimits(undefined, 120_000, MACHINE)).toEqual({
			...{ processes: 512, memory: 4 * GIB, cpu: undefined, cpuSeconds: 3_600, fileBytes: 16 * GIB, openFiles: 16_384 },
		});
	});

	it("keeps to what was asked for, and a file to 16 GiB", () => {
		const asked = { processes: 10, memory: GIB, cpu: 0.5, ephemeralStorage: 2 * GIB };
		expect(processLimits(asked, 1_000, MACHINE)).toMatchObject({ processes: 10, memory: GIB, cpu: 0.5, fileBytes: 2 * GIB });
		expect(processLimits({ ephemeralStorage: 40 * GIB }, 1_000, MACHINE).fileBytes).toBe(16 * GIB);
	});

	it("lets a process use every core for four times its call's time", () => {
		expect(processLimits(undefined, 3_600_000, MACHINE).cpuSeconds).toBe(4 * 2 * 3_600);
	});
});

describe.runIf(process.platform === "linux")("limitLines", () => {
	const limits = processLimits({ memory: 512 * 2 ** 20, ephemeralStorage: 2 ** 20, processes: 300 }, 0, MACHINE);
	const shown = (lines: string, shell: string[], user = {}) => {
		const [file = "", ...args] = [...shell, "-c", `${lines}\ncat /proc/self/limits`];
		const rows = execFileSync(file, args, { encoding: "utf8", cwd: "/", ...user }).split("\n");
		return Object.fromEntries(rows.map((row) => [row.slice(4, 26).trim(), row.slice(26, 68).trim().split(/\s+/)]));
	};

	it.each([[["/bin/sh"]], [["bash", "--posix"]]])("sets them in %j, for good", (shell) => {
		expect(shown(limitLines(limits), shell)).toMatchObject({
			...{ processes: ["300", "300"], "data size": ["536870912", "536870912"], "file size": ["1048576", "1048576"] },
			...{ "core file size": ["0", "0"], "cpu time": ["3600", "3610"], "open files": ["16384", "16384"] },
		});
	});

	it("leaves the memory to a cgroup where there is one", () => {
		expect(shown(limitLines(limits, true), ["/bin/sh"])["data size"]).toEqual(["unlimited", "unlimited"]);
	});

	it("goes on where a lower limit is there already", () => {
		const lower = shown(`ulimit -n 100\n${limitLines(limits)}`, ["/bin/sh"], NOBODY);
		expect([lower["open files"], lower["file size"]]).toEqual([
			["100", "100"],
			["1048576", "1048576"],
		]);
	});
});

describe.runIf(process.platform === "linux")("a command with limits", () => {
	const limits = { ...processLimits(undefined, 0, MACHINE), cpuSeconds: 1, processes: undefined };
	const limited = { ...noSandbox, launch: (_: string, argv: readonly string[]) => ({ setup: limitLines(limits), argv }) };

	it("is ended by SIGXCPU when its CPU time is used up, and its exit code says so", async () => {
		const bench = new ToolBench();
		const shell = new Shell(bench.record("bash", {}), bench.workspace, limited, limits);
		const ending = await shell.run("while :; do :; done", new AbortController().signal, 100);
		expect(ending).toEqual({ how: "exited", code: 152 });
	}, 30_000);

	it("is killed before the runtime when memory runs out", async () => {
		const bench = new ToolBench();
		const shell = new Shell(bench.record("bash", {}), bench.workspace);
		await shell.run("cat /proc/self/oom_score_adj > score", new AbortController().signal, 100);
		const own = Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
		expect(Number(readFileSync(join(bench.workspace, "score"), "utf8"))).toBe(Math.max(own, 500));
	});
});
