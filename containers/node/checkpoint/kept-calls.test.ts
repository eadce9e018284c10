import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NodeOptions } from "../runtime.ts";
import type { LinkServer } from "../testing/link-server.ts";
import { nodeProcess } from "../testing/node-process.ts";
import { type RunningNode, runningNode, runningServer, until } from "../testing/running-node.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import type { WorkspaceState } from "./protocol.ts";

const STATE: WorkspaceState = { epoch: 1, checkpoints: true, limitBytes: 2 ** 30 };
const DOWN = { message: "The store answered with 503.", final: false };

function node(options: Partial<NodeOptions> & { server?: LinkServer } = {}): Promise<RunningNode> {
	return runningNode({
		...options,
		timing: { blobAnswerMs: 5_000, blobRetryFirstMs: 5, blobRetryMaxMs: 20, waitingMs: 10, ...options.timing },
	});
}

function waits(server: LinkServer, id: string): string[] {
	return server.checkpoints.flatMap((frame) => (frame.type === "call-waiting" && frame.id === id ? [frame.message] : []));
}

async function waiting(server: LinkServer, id: string): Promise<string> {
	const failed = () => waits(server, id).find((message) => message.includes("could not"));
	await server.until(() => failed() !== undefined);
	return failed() ?? "";
}

describe("a call with a workspace state", () => {
	it("has the checkpoint in its result, from which another node has the files back", async () => {
		const first = await node();
		const command = "mkdir -p d/e && echo one > d/f && ln -s f d/link && chmod 700 d/f";
		const { checkpoint } = await first.server.run("a", "bash", { command }, { state: STATE });
		expect(checkpoint).toMatchObject({ files: 1, bytes: 4 });
		await first.node.stop();

		const { server, path } = await node({ server: first.server });
		const result = await server.run(
			"b",
			"bash",
			{ command: "cat d/link; stat -c %a d/f; ls d" },
			{ state: { ...STATE, epoch: 2, checkpoint: checkpoint?.name } },
		);
		expect(result).toMatchObject({ content: "one\n700\ne\nf\nlink", isError: false });
		expect(result.checkpoint).toBeUndefined();
		expect(readFileSync(path("d/f"), "utf8")).toBe("one\n");
	});

	it.each<[string, string, Record<string, unknown>]>([
		["fails", "bash", { command: "echo x > f; exit 3" }],
		["is killed", "bash", { command: "echo x > f; kill -9 $$" }],
		["runs out of time", "bash", { command: "echo x > f; sleep 60" }],
		["writes", "write", { path: "f", content: "x" }],
	])("is checkpointed when it %s", async (_, tool, args) => {
		const { server } = await node();
		const { checkpoint } = await server.run("a", tool, args, { state: STATE, timeoutMs: 500 });
		expect(checkpoint).toMatchObject({ files: 1 });
	});

	it("is checkpointed when it is cancelled", async () => {
		const { server } = await node();
		server.call("a", "bash", { command: "echo x > f; echo begun; sleep 60" }, { state: STATE });
		await server.until(() => server.outputOf("a") === "begun\n");
		server.cancel("a", "enough");
		expect(await server.result("a")).toMatchObject({ content: expect.stringContaining("cancelled: enough"), checkpoint: { files: 1 } });
	});

	it("that only looks stores nothing, and one that changes nothing neither", async () => {
		const { server, path } = await node();
		await server.run("a", "write", { path: "f", content: "x" }, { state: STATE });
		const { name } = (await server.result("a")).checkpoint ?? {};
		const asked = server.store.asked.length;
		writeFileSync(path("g"), "not by a tool");
		for (const [id, tool, args] of [
			["r", "read", { path: "f" }],
			["l", "glob", { pattern: "*" }],
			["s", "grep", { pattern: "x" }],
		] as const)
			expect((await server.run(id, tool, args, { state: { ...STATE, checkpoint: name } })).checkpoint).toBeUndefined();
		expect(server.store.asked.length).toBe(asked);
		const { checkpoint } = await server.run("b", "bash", { command: "rm g" }, { state: { ...STATE, checkpoint: name } });
		expect(checkpoint).toBeUndefined();
	});

	it("tells a session again what it has not heard of", async () => {
		const { server } = await node();
		const { checkpoint } = await server.run("a", "bash", { command: "echo x > f" }, { state: STATE });
		const again = (await server.run("b", "bash", { command: "true" }, { state: STATE })).checkpoint;
		expect(again).toEqual({ ...checkpoint, storedBytes: 0, order: again?.order });
		expect(again?.order).toBeGreaterThan(checkpoint?.order ?? Number.POSITIVE_INFINITY);
	});

	it.each<[string, Partial<WorkspaceState> | undefined]>([
		["no state", undefined],
		["a deployment without a store", { checkpoints: false }],
	])("with %s leaves the workspace as it is", async (_, more) => {
		const { server, dataDir } = await node();
		const state = more && { ...STATE, ...more };
		await server.run("a", "bash", { command: "echo x > f" }, { state });
		const { checkpoint } = await server.run("b", "bash", { command: "cat f" }, { state: state && { ...state, epoch: 2 } });
		expect(checkpoint).toBeUndefined();
		expect(server.resultsOf("b")[0]?.content).toBe("x");
		expect(server.store.asked).toEqual([]);
		expect(existsSync(join(dataDir, "checkpoints"))).toBe(false);
	});

	it("keeps what a node had before there were checkpoints", async () => {
		const { server } = await node();
		await server.run("a", "bash", { command: "echo old > f" });
		const { content, checkpoint } = await server.run("b", "bash", { command: "cat f" }, { state: { ...STATE, epoch: 9 } });
		expect(content).toBe("old");
		expect(checkpoint).toMatchObject({ files: 1 });
	});

	it("finds the files of an earlier checkpoint after a rewind, and nothing that runs on", async () => {
		const { server, path } = await node();
		const { checkpoint } = await server.run("a", "bash", { command: "echo one > f" }, { state: STATE });
		await server.run(
			"b",
			"bash",
			{ command: "echo two > f; touch g; (while :; do echo again >> f; sleep 0.01; done) > /dev/null 2>&1 &" },
			{ state: STATE },
		);
		const { content } = await server.run(
			"c",
			"bash",
			{ command: "cat f; ls; sleep 0.1; cat f" },
			{ state: { ...STATE, epoch: 2, checkpoint: checkpoint?.name } },
		);
		expect(content).toBe("one\nf\none");
		expect(existsSync(path("g"))).toBe(false);
	});

	it("has nothing left in its workspace after a rewind to nothing", async () => {
		const { server } = await node();
		await server.run("a", "bash", { command: "echo one > f" }, { state: STATE });
		expect(await server.run("b", "bash", { command: "ls -A" }, { state: { ...STATE, epoch: 2 } })).toMatchObject({
			content: "(no output)",
		});
	});

	it("says that the workspace is over its ceiling, and later that it is not any more", async () => {
		const { server } = await node();
		const { checkpoint } = await server.run("a", "bash", { command: "echo one > f" }, { state: STATE });
		const state = { ...STATE, checkpoint: checkpoint?.name };
		const over = await server.run("b", "bash", { command: "echo done; truncate -s 5G big.bin" }, { state });
		expect(over).toMatchObject({ isError: false, exitCode: 0, uncheckpointed: true });
		expect(over.content).toBe(
			"done\n\nThe workspace has 5.0 GiB, over its ceiling of 1.0 GiB, so it was not checkpointed; the last checkpoint stands. Largest: big.bin (5.0 GiB), f (4 bytes). Delete what is not needed, or name it in .klawignore.",
		);
		expect(over.checkpoint).toBeUndefined();
		const after = await server.run("c", "bash", { command: "rm big.bin" }, { state });
		expect(after).toMatchObject({ checkpoint: { name: checkpoint?.name } });
		expect(after.uncheckpointed).toBeUndefined();
	});

	it("runs beside others in one workspace, and the last of them leaves all their files", async () => {
		const { server } = await node();
		const ids = Array.from({ length: 20 }, (_, index) => `c${index}`);
		await Promise.all(ids.map((id) => server.run(id, "bash", { command: `echo ${id} > ${id}` }, { state: STATE })));
		const { checkpoint } = await server.run("last", "bash", { command: "true" }, { state: STATE });
		expect(checkpoint).toMatchObject({ files: 20 });
	});

	it("that replaces its workspace by a link has its result, and says that nothing was kept", async () => {
		const { server, dataDir } = await node();
		const outside = temporaryDirectory();
		writeFileSync(join(outside, "secret"), "secret");
		await server.run("a", "bash", { command: "echo x > f" }, { state: STATE });
		server.call("b", "bash", { command: "echo begun; until [ -L ../s ]; do sleep 0.01; done" }, { state: STATE });
		await server.until(() => server.outputOf("b") === "begun\n");
		renameSync(join(dataDir, "workspaces/s"), join(dataDir, "workspaces/moved"));
		symlinkSync(outside, join(dataDir, "workspaces/s"));
		expect(await server.result("b")).toMatchObject({
			uncheckpointed: true,
			content: expect.stringContaining("was replaced by a symbolic link"),
		});
		for (const bytes of server.store.stored.values()) expect(Buffer.from(bytes).includes("secret")).toBe(false);
	});
});

describe("a store that takes its time", () => {
	it("is waited for, and the session is told so: one that hears nothing takes the node for dead", async () => {
		const { server } = await node();
		const { checkpoint } = await server.run("a", "bash", { command: "echo x > f" }, { state: STATE });
		server.store.failure = () => "silence";
		server.call("b", "bash", { command: "echo y > f" }, { state: STATE });
		await server.until(() => waits(server, "b").includes("The result of bash waits: its files are being stored."));
		const state = { ...STATE, epoch: 2, checkpoint: checkpoint?.name };
		server.call("c", "read", { path: "f" }, { state });
		await server.until(() => waits(server, "c").includes("read has not begun: the files of its workspace are being fetched."));
	});
});

describe("a store that fails", () => {
	it("holds up the result, which says so, until it does not", async () => {
		const { server } = await node();
		server.store.failure = ({ type }) => (type === "blob-put" ? DOWN : undefined);
		server.call("a", "bash", { command: "echo x > f; echo done" }, { state: STATE });
		expect(await waiting(server, "a")).toBe(
			"The result of bash waits: its files could not be stored (The store answered with 503). It is tried again.",
		);
		await server.until(() => waits(server, "a").length > 2);
		expect(server.resultsOf("a")).toEqual([]);
		server.store.failure = undefined;
		expect(await server.result("a")).toMatchObject({ content: "done", checkpoint: { files: 1 } });
	});

	it("holds up a call whose files it has, which has not begun", async () => {
		const first = await node();
		const { checkpoint } = await first.server.run("a", "bash", { command: "echo x > f" }, { state: STATE });
		await first.node.stop();
		const { server, path } = await node({ server: first.server });
		server.store.failure = () => DOWN;
		server.call("b", "bash", { command: "cat f; touch ran" }, { state: { ...STATE, epoch: 2, checkpoint: checkpoint?.name } });
		expect(await waiting(server, "b")).toBe(
			"bash has not begun: the files of its workspace could not be fetched (The store answered with 503). It is tried again.",
		);
		expect(existsSync(path("ran"))).toBe(false);
		server.store.failure = undefined;
		expect(await server.result("b")).toMatchObject({ content: "x" });
	});

	it("for good is the answer to the call, and nothing was run", async () => {
		const { server, path } = await node();
		const result = await server.run("a", "bash", { command: "touch ran" }, { state: { ...STATE, checkpoint: "0".repeat(64) } });
		expect(result).toMatchObject({
			isError: true,
			content: `Nothing was run, because the files of this session could not be restored. There is no manifest ${"0".repeat(64)}.`,
		});
		expect(existsSync(path("ran"))).toBe(false);
	});

	it("for good after the tool leaves a result that says so", async () => {
		const { server } = await node();
		server.store.failure = () => ({ message: "The store is not for you.", final: true });
		expect(await server.run("a", "bash", { command: "echo x > f; echo done" }, { state: STATE })).toMatchObject({
			...{ isError: false, uncheckpointed: true },
			content: "done\n\nThe workspace could not be checkpointed; the last checkpoint stands. The store is not for you.",
		});
		server.store.failure = undefined;
		expect(await server.run("b", "bash", { command: "true" }, { state: STATE })).toMatchObject({ checkpoint: { files: 1 } });
	});

	it("is not waited for by a call that is cancelled, before it begins or after it ended", async () => {
		const { server, path } = await node();
		await server.run("a", "bash", { command: "true" }, { state: STATE });
		server.store.failure = () => DOWN;
		server.call("b", "bash", { command: "echo x > f; echo done" }, { state: STATE });
		await waiting(server, "b");
		server.cancel("b", "enough");
		expect(await server.result("b")).toMatchObject({
			...{ isError: false, uncheckpointed: true },
			content: "done\n\nWhat this call changed is in no checkpoint: cancelled: enough",
		});
		server.call("c", "bash", { command: "touch ran" }, { state: { ...STATE, epoch: 2, checkpoint: "0".repeat(64) } });
		await waiting(server, "c");
		server.cancel("c", "enough");
		expect(await server.result("c")).toMatchObject({ content: "cancelled: enough", isError: true });
		expect(existsSync(path("ran"))).toBe(false);
	});

	it("is not waited for by a call that was killed and is cancelled once more", async () => {
		const { server } = await node();
		server.store.failure = () => DOWN;
		server.call("a", "bash", { command: "echo x > f; sleep 60" }, { state: STATE, timeoutMs: 200 });
		await waiting(server, "a");
		server.cancel("a", "enough");
		expect(await server.result("a")).toMatchObject({ uncheckpointed: true });
	});

	it("holds up neither calls that only look nor other workspaces", async () => {
		const { server } = await node();
		server.store.failure = ({ workspace }) => (workspace === "s" ? DOWN : undefined);
		server.call("a", "bash", { command: "echo x > f" }, { state: STATE });
		await waiting(server, "a");
		expect(await server.run("b", "read", { path: "f" }, { state: STATE })).toMatchObject({ isError: false });
		expect(await server.run("c", "bash", { command: "echo y > f" }, { state: STATE, session: "default/t", workspace: "t" })).toMatchObject({
			checkpoint: { files: 1 },
		});
	});

	it("is told to every call that waits in its turn", async () => {
		const { server } = await node();
		server.store.failure = () => DOWN;
		for (const id of ["a", "b", "c"]) server.call(id, "bash", { command: `touch ${id}` }, { state: STATE });
		await Promise.all(["a", "b", "c"].map((id) => waiting(server, id)));
		server.store.failure = undefined;
		await Promise.all(["a", "b", "c"].map((id) => server.result(id)));
	});

	it("does not keep a session from being forgotten", async () => {
		const { server, dataDir } = await node();
		await server.run("z", "bash", { command: "echo x > f" }, { state: STATE });
		expect(existsSync(join(dataDir, "checkpoints/s.json"))).toBe(true);
		server.store.failure = () => DOWN;
		server.call("a", "bash", { command: "echo y > f" }, { state: STATE });
		await waiting(server, "a");
		server.send({ v: 1, type: "forget", id: "s", incarnation: 1, session: "default/s", workspace: "s" });
		await server.until(() => server.forgotten.length > 0);
		expect(existsSync(join(dataDir, "workspaces/s"))).toBe(false);
		expect(existsSync(join(dataDir, "checkpoints/s.json"))).toBe(false);
		expect(server.resultsOf("a")).toEqual([]);
	});

	it("does not keep calls of an earlier incarnation alive", async () => {
		const { server } = await node();
		server.store.failure = () => DOWN;
		server.call("a", "bash", { command: "echo y > f" }, { state: STATE });
		await waiting(server, "a");
		server.incarnation = 2;
		server.cut();
		await server.joined(2);
		server.store.failure = undefined;
		expect(await server.run("b", "bash", { command: "ls -A" }, { state: { ...STATE, epoch: 2 } })).toMatchObject({
			content: "(no output)",
		});
		expect(server.resultsOf("a")).toEqual([]);
	});

	it("does not keep a runtime from stopping, and the next one goes on", async () => {
		const { server, dataDir, node: first } = await node();
		server.store.failure = () => DOWN;
		server.call("a", "bash", { command: "echo run >> runs; echo done" }, { state: STATE });
		await waiting(server, "a");
		await first.stop();
		server.store.failure = undefined;
		await node({ server, dataDir });
		expect(await server.result("a")).toMatchObject({ content: "done", checkpoint: { files: 1 } });
		expect(readFileSync(join(dataDir, "workspaces/s/runs"), "utf8")).toBe("run\n");
	});

	it("without an answer, over a connection that breaks, loses nothing", async () => {
		const { server } = await node();
		server.store.failure = () => "silence";
		server.call("a", "bash", { command: "echo x > f" }, { state: STATE });
		await server.until(() => server.store.asked.length > 0);
		server.store.failure = undefined;
		server.cut();
		expect(await server.result("a")).toMatchObject({ checkpoint: { files: 1 } });
	});
});

describe("a runtime that is killed", () => {
	it.each([
		["bash", { command: "echo run >> runs" }],
		["write", { path: "runs", content: "run\n" }],
	])("between the end of %s and its checkpoint goes on there", { timeout: 30_000 }, async (tool, args) => {
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		const first = nodeProcess(server.url, dataDir);
		await server.joined(1);
		server.store.failure = () => "silence";
		server.call("a", tool, args, { state: STATE });
		await server.until(() => server.store.asked.length > 0);
		await first.kill("SIGKILL");
		// Were it run again, this would be gone.
		writeFileSync(join(dataDir, "workspaces/s/runs"), "run\nby hand\n");
		server.store.failure = undefined;
		nodeProcess(server.url, dataDir);
		expect(await server.result("a")).toMatchObject({ isError: false, checkpoint: { files: 1, bytes: 12 } });
	});

	it("in a restore does it again", { timeout: 30_000 }, async () => {
		const first = await node();
		const { server } = first;
		const command = "for i in 1 2 3 4 5 6; do head -c 3000000 /dev/urandom > f$i; done; cat f* | sha256sum";
		const { checkpoint, content } = await server.run("a", "bash", { command }, { state: STATE });
		await first.node.stop();

		const dataDir = temporaryDirectory();
		const killed = nodeProcess(server.url, dataDir);
		await server.joined(2);
		let blobs = 0;
		server.store.failure = ({ kind, type }) => (type === "blob-get" && kind === "blob" && ++blobs > 3 ? "silence" : undefined);
		server.call("b", "bash", { command: "cat f* | sha256sum" }, { state: { ...STATE, epoch: 2, checkpoint: checkpoint?.name } });
		await server.until(() => blobs > 3);
		await until(() => existsSync(join(dataDir, "workspaces/s")));
		await killed.kill("SIGKILL");
		server.store.failure = undefined;
		nodeProcess(server.url, dataDir);
		await server.joined(3);
		expect(await server.result("b")).toMatchObject({ content, isError: false });
	});
});
