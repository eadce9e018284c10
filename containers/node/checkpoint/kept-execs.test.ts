import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { STDERR, STDOUT } from "../exec/protocol.ts";
import type { NodeOptions } from "../runtime.ts";
import type { LinkServer } from "../testing/link-server.ts";
import { type RunningNode, runningNode } from "../testing/running-node.ts";
import type { WorkspaceState } from "./protocol.ts";

const STATE: WorkspaceState = { epoch: 1, checkpoints: true, limitBytes: 2 ** 30 };

function node(options: Partial<NodeOptions> & { server?: LinkServer } = {}): Promise<RunningNode> {
	return runningNode({ ...options, timing: { blobAnswerMs: 5_000, blobRetryFirstMs: 5, blobRetryMaxMs: 20, ...options.timing } });
}

describe("a person's command", () => {
	it("finds the files of the session, and what it changes is stored", async () => {
		const first = await node();
		const { checkpoint } = await first.server.run("a", "bash", { command: "echo one > f" }, { state: STATE });
		await first.node.stop();
		const { server } = await node({ server: first.server });
		const state = { ...STATE, epoch: 2, checkpoint: checkpoint?.name };
		const id = server.exec(["sh", "-c", "cat f; echo two > g"], { state });
		// That it waits may be said as well.
		const made = () => server.checkpoints.filter(({ type }) => type === "checkpoint-made");
		await server.until(() => made().length > 0);
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
		expect(server.data(id).toString()).toBe("one\n");
		expect(made()).toMatchObject([{ type: "checkpoint-made", id, session: "default/s", epoch: 2, checkpoint: { files: 2, bytes: 8 } }]);
	});

	it("is over only when what it changed is stored", async () => {
		const { server } = await node();
		const id = server.exec(["sh", "-c", "echo one > f"], { state: STATE });
		await server.ended(id);
		expect(server.checkpoints).toMatchObject([{ type: "checkpoint-made", id }]);
		expect(server.said.find((frame) => frame.type === "exec-exit")).toMatchObject({ epoch: 1, checkpoint: { files: 1, bytes: 4 } });
	});

	it("that is killed because its session's lease has ended is over before the workspace is at rest", async () => {
		const { server } = await node();
		const id = server.exec(["sh", "-c", "echo one > f; echo begun; sleep 1000"], { state: STATE });
		await server.until(() => server.data(id).toString() === "begun\n");
		const restedThen: string[][] = [];
		server.store.failure = () => {
			restedThen.push([...server.rested]);
			return undefined;
		};
		server.rest();
		await server.until(() => server.rested.includes("s"));
		expect(server.said.find((frame) => frame.type === "exec-exit")).toMatchObject({ id, checkpoint: { files: 1 } });
		expect([restedThen.length > 0, restedThen.flat()]).toEqual([true, []]);
	});

	it("says that all is well to a session that does not know it, also when it changed nothing and there never was a file", async () => {
		const { server } = await node();
		const id = server.exec(["true"], { state: { ...STATE, here: true } });
		await server.ended(id);
		expect(server.said.find((frame) => frame.type === "exec-exit")).toMatchObject({ id, checkpoint: { files: 0 } });
	});

	it.each([
		["apart from its output", false, STDERR, /^klaw: The workspace has .*over its ceiling.*Largest: f.*\n$/],
		["on its terminal", true, STDOUT, /\r\nklaw: The workspace has .*over its ceiling.*\r\n$/],
	])("that leaves too much says so %s, and the server hears it", async (_, tty, channel, remark) => {
		const { server } = await node();
		const id = server.exec(["sh", "-c", "head -c 5000 /dev/zero > f; echo done"], { state: { ...STATE, limitBytes: 1_000 }, tty });
		expect(await server.ended(id)).toMatchObject({ exitCode: 0 });
		expect(server.said.find((frame) => frame.type === "exec-exit")).toMatchObject({ uncheckpointed: true });
		expect(server.data(id, channel).toString()).toMatch(remark);
	});

	it("does not run when the files cannot be had", async () => {
		const { server, path } = await node();
		const id = server.exec(["touch", "ran"], { state: { ...STATE, checkpoint: "0".repeat(64) } });
		expect((await server.ended(id)).message).toContain("Nothing was run, because the files of this session could not be restored.");
		expect(existsSync(path("ran"))).toBe(false);
	});
});
