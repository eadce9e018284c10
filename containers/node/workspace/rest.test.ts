import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processesWith } from "../process/process-table.ts";
import { type RunningNode, runningNode, until } from "../testing/running-node.ts";

/** Ids of what runs in a workspace. */
const inside = ({ dataDir }: RunningNode, workspace = "s") => processesWith([`KLAW_WORKSPACE=${join(dataDir, "workspaces", workspace)}`]);
/** Of another session. */
const OTHER = { session: "default/other", workspace: "other" };
/** Leaves something running that ignores SIGTERM, which it says in a file. */
const STUBBORN =
	"setsid bash -c 'trap \"echo asked >> asked\" TERM; echo > ready; while :; do sleep 0.05; done' & until [ -e ready ]; do sleep 0.01; done";

describe("a session whose lease has ended", () => {
	it("has what it left in the background killed, and keeps its files", async () => {
		const node = await runningNode();
		const { server, path } = node;
		await server.run("c", "bash", { command: "echo kept > file; sleep 300 & setsid nohup sleep 301 > /dev/null 2>&1 &" });
		await expect.poll(() => inside(node).length).toBeGreaterThanOrEqual(2);
		server.rest();
		await server.until(() => server.rested.includes("s"));
		expect(inside(node)).toEqual([]);
		expect(readFileSync(path("file"), "utf8")).toBe("kept\n");
	});

	it("takes nothing of another session's with it", async () => {
		const node = await runningNode();
		const { server } = node;
		await server.run("c", "bash", { command: "sleep 300 &" });
		await server.run("o", "bash", { command: "sleep 300 &" }, OTHER);
		// A process has no environment to be known by while it becomes another program.
		await expect.poll(() => inside(node, "other")).toHaveLength(1);
		const theirs = inside(node, "other");
		server.rest();
		await server.until(() => server.rested.includes("s"));
		expect([inside(node), inside(node, "other")]).toEqual([[], theirs]);
	});

	it("has its next call begin when all of that is gone", async () => {
		const node = await runningNode();
		const { server, path } = node;
		await server.run("c", "bash", { command: STUBBORN });
		server.rest();
		server.call("d", "bash", { command: "cat asked; sleep 300 & echo $!" });
		const { content } = await server.result("d");
		const [asked, pid] = content.split("\n");
		// The signal came before the call, and SIGKILL with it: what the call itself left is another lease's.
		expect(asked).toBe("asked");
		expect(readFileSync(path("asked"), "utf8")).toBe("asked\n");
		expect(inside(node)).toEqual([Number(pid)]);
		expect(server.rested).toEqual(["s"]);
	});

	it("has a person's next command begin when all of that is gone", async () => {
		const { server, path } = await runningNode();
		await server.run("c", "bash", { command: STUBBORN });
		server.rest();
		await server.ended(server.exec(["sh", "-c", "cp asked seen"]));
		expect(readFileSync(path("seen"), "utf8")).toBe("asked\n");
	});

	it("is answered when there is nothing to do: no workspace, a name that is none, a second time", async () => {
		const node = await runningNode();
		const { server, dataDir } = node;
		for (const workspace of ["never-seen", "../calls", "never-seen"]) server.rest(workspace);
		await server.until(() => server.rested.length === 3);
		expect(existsSync(join(dataDir, "workspaces", "never-seen"))).toBe(false);
	});

	it("is not believed to have ended under another incarnation", async () => {
		const node = await runningNode();
		const { server } = node;
		await server.run("c", "bash", { command: "sleep 300 &" });
		server.send({ v: 1, type: "rest", id: "s", incarnation: 7, session: "default/s", workspace: "s" });
		server.rest("other");
		await server.until(() => server.rested.length === 1);
		expect([server.rested, inside(node).length]).toEqual([["other"], 1]);
	});

	it("loses what a runtime that was stopped had left, too", async () => {
		const first = await runningNode();
		await first.server.run("c", "bash", { command: "sleep 300 &" });
		await first.node.stop();
		const node = await runningNode({ server: first.server, dataDir: first.dataDir });
		expect(inside(node)).toHaveLength(1);
		node.server.rest();
		await node.server.until(() => node.server.rested.includes("s"));
		expect(inside(node)).toEqual([]);
	});
});

describe("a session that left the node and comes back", () => {
	it("has its next call begin in a new directory, though its last was just being stopped", async () => {
		const node = await runningNode();
		const { server, path, dataDir } = node;
		server.call("c", "bash", { command: `trap '' TERM; touch old; echo begun; while :; do sleep 0.05; done` });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.cancel("c", "given up");
		server.send({ v: 1, type: "forget", id: "s", incarnation: 1, session: "default/s", workspace: "s" });
		server.call("d", "bash", { command: "ls; touch new; until [ -e go ]; do sleep 0.02; done; echo went on" });
		await until(() => existsSync(path("new")));
		expect(server.forgotten).toEqual(["s"]);
		writeFileSync(path("go"), "");
		expect(await server.result("d")).toMatchObject({ content: "went on", exitCode: 0 });
		expect([existsSync(path("old")), existsSync(join(dataDir, "calls/c"))]).toEqual([false, false]);
	});
});

describe("the result of a call", () => {
	it("that came without a word about checkpoints says that what it changed is in none", async () => {
		const { server } = await runningNode();
		expect(await server.run("w", "write", { path: "f", content: "x" })).toMatchObject({ uncheckpointed: true });
		expect((await server.run("r", "read", { path: "f" })).uncheckpointed).toBeUndefined();
		const state = { epoch: 1, checkpoints: false, limitBytes: 1 };
		expect((await server.run("s", "bash", { command: "true" }, { state })).uncheckpointed).toBeUndefined();
	});
});
