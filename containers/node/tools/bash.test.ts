import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processesWith } from "../process/process-table.ts";
import { runningNode, until } from "../testing/running-node.ts";

function survivors(dataDir: string): number[] {
	return processesWith([`KLAW_NODE_DATA=${dataDir}`]);
}

describe("bash", () => {
	it("answers with what the command wrote, both streams as they came", async () => {
		const { server } = await runningNode();
		const result = await server.run("c", "bash", { command: "echo one; echo two >&2; echo three; cat" });
		expect(result).toMatchObject({ content: "one\ntwo\nthree", isError: false, exitCode: 0, durationMs: expect.any(Number) });
	});

	it.each([
		["exit 3", { content: "exit code 3\n(no output)", isError: true, exitCode: 3 }],
		["echo no; false", { content: "exit code 1\nno", isError: true, exitCode: 1 }],
		["true", { content: "(no output)", isError: false, exitCode: 0 }],
		["printf '  indented  \\n\\n'", { content: "  indented", isError: false }],
		["klaw-no-such-command", { content: expect.stringMatching(/^exit code 127\n.*not found/), isError: true }],
		["kill -9 $$", { content: expect.stringContaining("exit code 137"), isError: true }],
		["kill -9 0", { content: expect.stringMatching(/^killed by SIGKILL, which did not come from klaw\n|^exit code 137\n/), isError: true }],
		["-x", { content: expect.stringContaining("command not found"), isError: true }],
		["printf 'a\\xffb'", { content: "a\ufffdb", isError: false }],
		["[[ $BASH_VERSION ]] && echo bash", { content: "bash" }],
	])("reports the end of %j", async (command, result) => {
		const { server } = await runningNode();
		expect(await server.run("c", "bash", { command })).toMatchObject(result);
	});

	it("runs in the workspace, with nothing of the runtime's environment that could be a key", async () => {
		process.env.KLAW_TEST_API_KEY = "canary";
		const { server, dataDir } = await runningNode();
		const { content } = await server.run("c", "bash", { command: "pwd; echo $HOME; env" });
		delete process.env.KLAW_TEST_API_KEY;
		expect(content.split("\n").slice(0, 2)).toEqual([join(dataDir, "workspaces/s"), join(dataDir, "workspaces/s")]);
		expect(content).toContain("TERM=dumb");
		expect(content).not.toMatch(/canary|join-token/);
	});

	it("takes a command that is too long for an argument", async () => {
		const { server } = await runningNode();
		const text = "x".repeat(300_000);
		expect(await server.run("c", "bash", { command: `text=${text}; echo \${#text}` })).toMatchObject({ content: "300000", isError: false });
	});

	it("does not wait for a process in the background, which goes on", async () => {
		const { server, path } = await runningNode();
		const result = await server.run("c", "bash", { command: "(until [ -e go ]; do sleep 0.02; done; touch went) & echo started" });
		expect(result).toMatchObject({ content: "started", isError: false });
		writeFileSync(path("go"), "");
		await until(() => existsSync(path("went")));
	});

	it("streams the output while the command runs", async () => {
		const { server, path } = await runningNode();
		server.call("c", "bash", { command: "echo first; until [ -e go ]; do sleep 0.02; done; echo second" });
		await server.until(() => server.outputOf("c") === "first\n");
		expect(server.resultsOf("c")).toEqual([]);
		writeFileSync(path("go"), "");
		expect(await server.result("c")).toMatchObject({ content: "first\nsecond" });
	});

	it("streams at most 30,000 characters, in their places", async () => {
		const { server, path } = await runningNode();
		server.call("c", "bash", { command: "printf '%100000s'; until [ -e go ]; do sleep 0.02; done" });
		await server.until(() => server.outputOf("c").length >= 30_000);
		writeFileSync(path("go"), "");
		await server.result("c");
		expect(server.outputOf("c")).toHaveLength(30_000);
	});
});

describe("bash with more output than a model reads", () => {
	it("cuts the middle, says how much, and keeps the whole where the read tool gets at it", async () => {
		const { server } = await runningNode();
		const result = await server.run("c", "bash", { command: "printf 'a%.0s' {1..20000}; echo; echo middle; printf 'b%.0s' {1..20000}" });
		expect(result.content).toBe(
			`${"a".repeat(15_000)}\n... (10,008 characters left out; the whole output is in .klaw/output/c.txt) ...\n${"b".repeat(15_000)}`,
		);
		expect(result.outputFile).toBe(".klaw/output/c.txt");
		expect(await server.run("r", "read", { path: ".klaw/output/c.txt", offset: 2, limit: 1 })).toMatchObject({
			content: "     2\tmiddle\n... (the file goes on; read it with offset 3 for more)",
		});
	});

	it("takes little memory for 100 MB", async () => {
		const { server, path } = await runningNode();
		const before = process.memoryUsage().rss;
		let most = 0;
		const sampling = setInterval(() => {
			most = Math.max(most, process.memoryUsage().rss);
		}, 10);
		const { content } = await server.run("c", "bash", { command: "head -c 100000000 /dev/zero | tr '\\0' x" });
		clearInterval(sampling);
		expect(content).toContain("(99,970,000 characters left out;");
		expect(content.length).toBeLessThan(30_200);
		expect(readFileSync(path(".klaw/output/c.txt")).length).toBe(100_000_000);
		expect(most - before).toBeLessThan(100_000_000);
	});

	it("does not keep it outside of the workspace when .klaw is a link", async () => {
		const { server, dataDir, path } = await runningNode();
		await server.run("a", "bash", { command: "true" });
		symlinkSync(dataDir, path(".klaw"));
		const { content, outputFile } = await server.run("b", "bash", { command: "printf '%40000s'" });
		expect(content).toContain("10,000 characters left out, and not kept.");
		expect(outputFile).toBeUndefined();
		expect(existsSync(join(dataDir, "output"))).toBe(false);
	});
});

describe("bash that is stopped", () => {
	const TREE = "echo begun; sleep 60 & (sleep 61 & sleep 62) & (setsid sleep 63 &) ; sleep 64";

	it("kills everything at the timeout and shows the output so far", async () => {
		const { server, dataDir } = await runningNode();
		const result = await server.run("c", "bash", { command: TREE }, { timeoutMs: 300 });
		expect(result).toMatchObject({ content: "timed out after 0.3 s\nbegun", isError: true, durationMs: expect.any(Number) });
		expect(result).not.toHaveProperty("exitCode");
		expect(survivors(dataDir)).toEqual([]);
	});

	it("kills everything when it is cancelled, also what left its session", async () => {
		const { server, dataDir } = await runningNode();
		server.call("c", "bash", { command: TREE });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.cancel("c", "the user pressed stop");
		expect(await server.result("c")).toMatchObject({ content: "cancelled: the user pressed stop\nbegun", isError: true });
		expect(survivors(dataDir)).toEqual([]);
	});

	it("kills what ignores SIGTERM", async () => {
		const { server, dataDir } = await runningNode();
		server.call("c", "bash", { command: "trap '' TERM; echo begun; while :; do sleep 0.1; done" });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.cancel("c", "enough");
		expect(await server.result("c")).toMatchObject({ content: "cancelled: enough\nbegun" });
		expect(survivors(dataDir)).toEqual([]);
	});

	it("lets a command clean up on SIGTERM", async () => {
		const { server, path } = await runningNode();
		server.call("c", "bash", { command: "trap 'touch cleaned; exit' TERM; echo begun; while :; do sleep 0.02; done" });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.cancel("c", "enough");
		await server.result("c");
		expect(existsSync(path("cleaned"))).toBe(true);
	});

	it("leaves what other calls started in the background alone", async () => {
		const { server, dataDir } = await runningNode();
		await server.run("server", "bash", { command: "sleep 60 &" });
		await server.run("c", "bash", { command: "sleep 61" }, { timeoutMs: 100 });
		expect(survivors(dataDir)).toHaveLength(1);
		server.send({ v: 1, type: "forget", id: "f", incarnation: 1, session: "default/s", workspace: "s" });
		await until(() => survivors(dataDir).length === 0);
	});
});
