import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Shell } from "../bash/shell.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { ToolBench } from "../testing/tool-bench.ts";
import { bubblewrapSandbox } from "./bubblewrap.ts";
import { chooseSandbox } from "./choose-sandbox.ts";
import { processLimits } from "./limits.ts";

const LIMITS = processLimits(undefined, 0, { cores: 1, memory: 2 ** 30 });

describe("bubblewrapSandbox", () => {
	it("hides the node's data before it shows the workspace", () => {
		const sandbox = bubblewrapSandbox("/usr/bin/bwrap", { dataDir: "/data", workspaces: "/mnt/workspaces" });
		const line = sandbox.launch("/mnt/workspaces/s", ["bash", "-c", "true"], LIMITS).argv.join(" ");
		expect(line).toMatch(/^\/usr\/bin\/bwrap --ro-bind \/ \/ .*--unshare-pid/);
		expect(line).toMatch(
			/--bind \/data\/tmp\/s \/tmp --tmpfs \/data --tmpfs \/mnt\/workspaces --bind \/mnt\/workspaces\/s \/mnt\/workspaces\/s/,
		);
		expect(line).toMatch(/--chdir \/mnt\/workspaces\/s -- bash -c true$/);
	});

	it("is used where it works, and shows a command nothing of the node; elsewhere the node does without", async () => {
		const bench = new ToolBench();
		const places = { dataDir: bench.outside, workspaces: join(bench.outside, "workspaces") };
		mkdirSync(join(places.workspaces, "other"));
		const { sandbox, line } = await chooseSandbox(places, () => undefined);
		expect(line).toContain(`Isolation: ${sandbox.isolation}`);
		if (sandbox.isolation !== "bubblewrap") return;
		await sandbox.adopt(bench.workspace);
		const shell = new Shell(bench.record("bash", {}), bench.workspace, sandbox, LIMITS);
		const command = "touch own /tmp/private && ! touch /etc/x ../x 2>/dev/null && ls .. && test ! -e ../../calls";
		expect(await shell.run(command, new AbortController().signal, 100)).toEqual({ how: "exited", code: 0 });
		expect(readdirSync(bench.workspace)).toEqual(["own"]);
		expect(existsSync(join(bench.outside, "tmp/s/private"))).toBe(true);
	});

	it.runIf(process.getuid?.() === 0)("is of no use below a directory that only its owner may enter, and the node says which", async () => {
		const closed = temporaryDirectory();
		const dataDir = join(closed, "data");
		mkdirSync(dataDir);
		const { sandbox, line } = await chooseSandbox({ dataDir, workspaces: join(dataDir, "workspaces") }, () => undefined);
		expect([sandbox.isolation, line]).toEqual(["none", expect.stringContaining(`since only its owner may enter ${closed};`)]);
	});

	it("is not chosen, nor are users, where their programs are missing", async () => {
		const bench = new ToolBench();
		const bin = join(bench.outside, "bin");
		mkdirSync(bin);
		const places = { dataDir: bench.outside, workspaces: join(bench.outside, "workspaces") };
		const { sandbox } = await chooseSandbox(places, () => undefined, { PATH: bin });
		expect(sandbox.isolation).toBe("none");
	});
});
