import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, platform, release } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Journal } from "./journal.ts";
import { processesWith } from "./process/process-table.ts";
import type { NodeTaint } from "./protocol.ts";
import { startNode } from "./runtime.ts";
import { TOKEN } from "./testing/link-server.ts";
import { runningNode, runningServer, until } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

/** Writes a line each time it runs, then runs until there is a file `go`. */
const COUNTED = "echo run >> runs; echo begun; until [ -e go ]; do sleep 0.02; done; echo done";

describe("a node that joins", () => {
	it("says who it is and what it offers", async () => {
		const taints: NodeTaint[] = [{ key: "gpu", value: "yes", effect: "NoSchedule" }];
		const labels = { zone: "a", "kubernetes.io/os": "plan9" };
		const { server } = await runningNode({ name: "node-1", labels, taints, capacity: { slots: 3 } });
		const measured = expect.any(Number);
		expect(server.hellos[0]).toMatchObject({
			...{ v: 1, incarnation: 0, calls: [] },
			node: {
				...{ name: "node-1", taints, os: platform(), kernelVersion: release(), hostname: hostname() },
				labels: { zone: "a", "kubernetes.io/hostname": "node-1", "kubernetes.io/os": platform() },
				capacity: { slots: 3, cpu: measured, memory: measured, ephemeralStorage: measured },
			},
		});
	});

	it("keeps its workspaces where it is told to", async () => {
		const workspaceRoot = join(temporaryDirectory(), "on", "a-large-disk");
		const { server, dataDir } = await runningNode({ workspaceRoot });
		await server.run("c", "bash", { command: "touch here" });
		expect([existsSync(join(workspaceRoot, "s", "here")), existsSync(join(dataDir, "workspaces"))]).toEqual([true, false]);
	});

	it("is the same node after a restart, and remembers its incarnation", async () => {
		const first = await runningNode();
		await first.server.run("c", "bash", { command: "true" });
		await first.node.stop();
		const { server } = await runningNode({ server: first.server, dataDir: first.dataDir });
		expect(server.hellos[1]).toMatchObject({ incarnation: 1, node: { uid: server.hellos[0]?.node.uid } });
	});

	it("keeps a path in the server's address", async () => {
		const server = await runningServer();
		await runningNode({ server, url: `${server.url}/clusters/blue/`, name: "a.b" });
		expect(server.paths).toEqual(["/clusters/blue/api/v1/nodes/a.b/link"]);
	});

	it.each([
		["not a url", '"not a url" is not the address of a klaw server'],
		["ftp://host", "begins with neither http:// nor https://"],
	])("does not start with the address %j", async (url, message) => {
		await expect(startNode({ url, token: TOKEN, name: "n", dataDir: temporaryDirectory() })).rejects.toThrow(message);
	});

	it("does not start in a data directory that is in use, is a file, or is damaged", async () => {
		const { server, dataDir } = await runningNode();
		const start = (dataDir: string) => startNode({ url: server.url, token: TOKEN, name: "n", dataDir });
		await expect(start(dataDir)).rejects.toThrow("is in use by another node runtime");
		await expect(start(join(dataDir, "node.json"))).rejects.toThrow("not a directory");
		const damaged = temporaryDirectory();
		writeFileSync(join(damaged, "node.json"), "{");
		await expect(start(damaged)).rejects.toThrow("node.json is damaged. Move it away to join as a new machine.");
		writeFileSync(join(damaged, "node.json"), '{"uid":"u"}');
		await (await start(damaged)).stop();
	});
});

describe("a call", () => {
	it("runs once however often it is asked for, and every request gets the one result", async () => {
		const { server, path } = await runningNode();
		for (let index = 0; index < 5; index++) server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.outputOf("c") === "begun\n");
		for (let index = 0; index < 5; index++) server.call("c", "bash", { command: COUNTED });
		writeFileSync(path("go"), "");
		const result = await server.result("c");
		expect(result.content).toBe("begun\ndone");
		server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.resultsOf("c").length > 1);
		for (const repeated of server.resultsOf("c")) expect(repeated).toEqual(result);
		expect(readFileSync(path("runs"), "utf8")).toBe("run\n");
	});

	it("has its result repeated until it is acknowledged, and no longer", async () => {
		const { server, dataDir } = await runningNode();
		server.acknowledges = false;
		server.call("c", "bash", { command: "echo hello" });
		await server.until(() => server.resultsOf("c").length >= 3);
		server.acknowledge("c");
		await until(() => existsSync(join(dataDir, "calls/c/acknowledged")));
		const sent = server.resultsOf("c").length;
		await server.run("other", "bash", { command: "sleep 0.2" });
		expect(server.resultsOf("c").length).toBe(sent);
	});

	it("is not run again when it is asked for after its acknowledgement, even by the next runtime", async () => {
		const first = await runningNode();
		await first.server.run("c", "bash", { command: "echo run >> runs" });
		await first.server.run("w", "write", { path: "f", content: "old" });
		await first.server.run("x", "bash", { command: "echo new > f" });
		await first.node.stop();
		const { server, path } = await runningNode({ server: first.server, dataDir: first.dataDir });
		expect(server.hellos[1]?.calls).toEqual([]);
		// A result is said again until it is acknowledged, so there may be more than one already.
		const [runs, writes] = [server.resultsOf("c").length, server.resultsOf("w").length];
		server.call("c", "bash", { command: "echo run >> runs" });
		server.call("w", "write", { path: "f", content: "old" });
		await server.until(() => server.resultsOf("c").length > runs && server.resultsOf("w").length > writes);
		expect([readFileSync(path("runs"), "utf8"), readFileSync(path("f"), "utf8")]).toEqual(["run\n", "new\n"]);
	});

	it("runs beside many others", async () => {
		const { server, path } = await runningNode();
		const ids = Array.from({ length: 50 }, (_, index) => `c${index}`);
		const results = await Promise.all(ids.map((id) => server.run(id, "bash", { command: `echo ${id} >> all; echo ${id}` })));
		expect(results.map(({ content }) => content)).toEqual(ids);
		expect(readFileSync(path("all"), "utf8").split("\n")).toHaveLength(51);
	});

	it.each([
		[{ tool: "web_fetch" }, 'This node has no tool "web_fetch". It has bash, read, write, edit, glob, grep.'],
		[{ workspace: "../other" }, 'The workspace "../other" cannot be a file name, so nothing was run.'],
		[{ workspace: ".." }, 'The workspace ".." cannot be a file name'],
		[{ id: "../../escaped" }, 'The call id "../../escaped" cannot be a file name'],
		[{ arguments: { command: 7 } }, "The arguments of bash are wrong"],
		[{ arguments: { command: "a\0b" } }, "The command holds a NUL character"],
	])("with %j is answered with a sentence", async (more, message) => {
		const { server, dataDir } = await runningNode();
		const before = readdirSync(dataDir).sort();
		const result = await server.run("id" in more ? more.id : "c", "bash", { command: "touch ran" }, more);
		expect(result).toMatchObject({ isError: true, content: expect.stringContaining(message) });
		expect(existsSync(join(dataDir, "workspaces/s/ran"))).toBe(false);
		expect(readdirSync(dataDir).sort()).toEqual(before);
	});

	it("that the node does not have is answered when it is to be cancelled, and the order ends", async () => {
		const { server } = await runningNode();
		server.cancel("unknown", "enough");
		await server.until(() => server.cancelled.includes("unknown"));
		await server.run("known", "bash", { command: "true" });
		await until(() => {
			server.cancel("known", "too late");
			return server.cancelled.includes("known");
		});
		expect(server.resultsOf("unknown")).toEqual([]);
	});

	it("of a file tool ends at its timeout and when it is cancelled", async () => {
		const { server } = await runningNode();
		await server.run("c", "bash", { command: "truncate -s 15G huge; yes text | head -c 100000000 > long.txt" });
		const late = await server.run("late", "read", { path: "huge", offset: 2 }, { timeoutMs: 50 });
		expect(late).toMatchObject({ content: "timed out after 0.05 s", isError: true });
		for (const [tool, args] of [
			["read", { path: "huge", offset: 2 }],
			["grep", { path: "long.txt", pattern: "needle" }],
		] as const) {
			server.call(tool, tool, args);
			server.cancel(tool, "enough");
			expect(await server.result(tool)).toMatchObject({ content: "cancelled: enough", isError: true });
		}
	});

	it("for another incarnation is ignored", async () => {
		const { server, path, log } = await runningNode();
		server.call("stale", "bash", { command: "touch stale" }, { incarnation: 0 });
		await server.run("c", "bash", { command: "true" });
		expect(existsSync(path("stale"))).toBe(false);
		expect(log).toContain("Ignored a call frame for incarnation 0: this node is incarnation 1.");
	});

	it("does not run in a workspace that a command replaced by a link", async () => {
		const { server, dataDir, path } = await runningNode();
		await server.run("a", "bash", { command: "true" });
		// As a command can where sessions are no users of their own.
		rmSync(path(""), { recursive: true, force: true });
		symlinkSync(dataDir, path("").replace(/\/$/, ""));
		const result = await server.run("b", "write", { path: "node.json", content: "mine" });
		expect(result).toMatchObject({ isError: true, content: expect.stringContaining("was replaced by a symbolic link") });
		expect(readFileSync(join(dataDir, "node.json"), "utf8")).not.toBe("mine");
	});
});

describe("a running command", () => {
	it("goes on while the connection is cut, and its output and result come after", async () => {
		const { server, path } = await runningNode();
		server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.cut();
		await server.joined(2);
		expect(server.hellos[1]?.calls).toEqual([{ callId: "c", session: "default/s", state: "running" }]);
		await server.until(() => server.outputs.filter(({ offset, text }) => offset === 0 && text === "begun\n").length === 2);
		writeFileSync(path("go"), "");
		expect(await server.result("c")).toMatchObject({ content: "begun\ndone", exitCode: 0 });
		expect(readFileSync(path("runs"), "utf8")).toBe("run\n");
	});

	it("that ends while the server is down has its result sent when it is up again", async () => {
		const { server, path, dataDir } = await runningNode();
		server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.outputOf("c") === "begun\n");
		await server.close();
		writeFileSync(path("go"), "");
		await until(() => existsSync(join(dataDir, "calls/c/result.json")));
		await server.listen();
		expect(await server.result("c")).toMatchObject({ content: "begun\ndone" });
		expect(server.hellos[1]?.calls).toEqual([{ callId: "c", session: "default/s", state: "finished" }]);
	});

	it("outlives a runtime that is stopped, and the next one streams it from its beginning", async () => {
		const first = await runningNode();
		first.server.call("c", "bash", { command: COUNTED });
		await first.server.until(() => first.server.outputOf("c") === "begun\n");
		await first.node.stop();
		const { server, path } = await runningNode({ server: first.server, dataDir: first.dataDir });
		await server.until(() => server.outputs.length === 2);
		expect(server.outputs[1]).toMatchObject({ id: "c", offset: 0, text: "begun\n" });
		writeFileSync(path("go"), "");
		expect(await server.result("c")).toMatchObject({ content: "begun\ndone", exitCode: 0 });
		expect(readFileSync(path("runs"), "utf8")).toBe("run\n");
	});

	it("keeps its timeout over a restart of the runtime", async () => {
		const first = await runningNode();
		first.server.call("c", "bash", { command: COUNTED }, { timeoutMs: 500 });
		await first.server.until(() => first.server.outputOf("c") === "begun\n");
		await first.node.stop();
		const { server, dataDir } = await runningNode({ server: first.server, dataDir: first.dataDir });
		const result = await server.result("c");
		expect(result.content).toBe("timed out after 0.5 s\nbegun");
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
	});

	it("is watched by the next runtime even while there is no server", async () => {
		const { server, node, dataDir } = await runningNode();
		server.call("c", "bash", { command: COUNTED }, { timeoutMs: 300 });
		await server.until(() => server.outputOf("c") === "begun\n");
		await node.stop();
		await server.close();
		const next = await startNode({ url: server.url, token: TOKEN, name: "node-1", dataDir, timing: { killGraceMs: 300 } });
		await until(() => existsSync(join(dataDir, "calls/c/result.json")));
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
		await next.stop();
	});

	it("is killed by the next runtime when the last one died while it killed it", async () => {
		const first = await runningNode();
		first.server.call("c", "bash", { command: COUNTED });
		await first.server.until(() => first.server.outputOf("c") === "begun\n");
		await first.node.stop();
		writeFileSync(join(first.dataDir, "calls/c/stop.json"), '"cancelled: too slow"');
		const { server, dataDir } = await runningNode({ server: first.server, dataDir: first.dataDir });
		expect(await server.result("c")).toMatchObject({ content: "cancelled: too slow\nbegun", isError: true });
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
	});

	it("that died with its machine has an unknown outcome and is not repeated", async () => {
		const first = await runningNode();
		first.server.call("c", "bash", { command: COUNTED });
		await first.server.until(() => first.server.outputOf("c") === "begun\n");
		await first.node.stop();
		// All at once, and none is missed: the child of one that was killed may have ended by itself.
		spawnSync("kill", ["-KILL", ...processesWith([`KLAW_NODE_DATA=${first.dataDir}`]).map(String)]);
		const { server, path } = await runningNode({ server: first.server, dataDir: first.dataDir });
		expect(await server.result("c")).toMatchObject({
			...{ isError: true, unknown: true },
			content: expect.stringMatching(/^outcome unknown: .*\nbegun$/),
		});
		server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.resultsOf("c").length > 1);
		expect(readFileSync(path("runs"), "utf8")).toBe("run\n");
	});
});

describe("a node that was taken for lost", () => {
	it("kills and forgets the calls of its earlier incarnation, also those that only left something behind", async () => {
		const { server, dataDir, path } = await runningNode();
		await server.run("server", "bash", { command: "sleep 60 & sleep 61 &" });
		server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.incarnation = 2;
		server.cut();
		await server.joined(2);
		// Answered only after everything of the earlier incarnation is gone.
		await server.run("d", "bash", { command: "true" });
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
		expect(server.resultsOf("c")).toEqual([]);
		expect(existsSync(join(dataDir, "calls/c"))).toBe(false);
		expect(existsSync(path("runs"))).toBe(true);
		expect(JSON.parse(readFileSync(join(dataDir, "node.json"), "utf8"))).toMatchObject({ incarnation: 2 });
	});

	it("does not send a result of its earlier incarnation", async () => {
		const first = await runningNode();
		first.server.acknowledges = false;
		await first.server.run("c", "bash", { command: "echo old" });
		await first.node.stop();
		const sent = first.server.results.length;
		first.server.incarnation = 2;
		const { server } = await runningNode({ server: first.server, dataDir: first.dataDir });
		await server.run("d", "bash", { command: "true" });
		expect(server.results.slice(sent).filter(({ id }) => id === "c")).toEqual([]);
	});

	it("does not start a call that its last runtime had only put on record", async () => {
		const first = await runningNode();
		await first.node.stop();
		const call = {
			callId: "c",
			session: "default/s",
			workspace: "s",
			incarnation: 1,
			tool: "bash",
			timeoutMs: 1_000,
			acceptedAt: Date.now(),
		};
		new Journal(join(first.dataDir, "calls"), () => undefined).create({ ...call, arguments: { command: "touch ran" } });
		first.server.incarnation = 2;
		const { server, path } = await runningNode({ server: first.server, dataDir: first.dataDir });
		await server.run("d", "bash", { command: "true" });
		expect(existsSync(path("ran"))).toBe(false);
	});
});

describe("a session that is deleted", () => {
	it("is killed and its workspace removed", async () => {
		const { server, dataDir } = await runningNode();
		server.call("c", "bash", { command: COUNTED });
		await server.until(() => server.outputOf("c") === "begun\n");
		server.send({ v: 1, type: "forget", id: "f", incarnation: 1, session: "default/s", workspace: "s" });
		await server.until(() => server.forgotten.includes("f"));
		expect(existsSync(join(dataDir, "workspaces/s"))).toBe(false);
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
		expect(existsSync(join(dataDir, "calls/c"))).toBe(false);
		expect(server.resultsOf("c")).toEqual([]);
	});

	it("cannot take anything else with it", async () => {
		const { server, dataDir } = await runningNode();
		server.send({ v: 1, type: "forget", id: "f", incarnation: 1, session: "default/s", workspace: "../calls" });
		await server.run("c", "bash", { command: "true" });
		expect(existsSync(join(dataDir, "calls/c"))).toBe(true);
	});
});
