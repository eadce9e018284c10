import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isRunning } from "./process/process-table.ts";
import type { LinkServer } from "./testing/link-server.ts";
import { nodeProcess } from "./testing/node-process.ts";
import { runningNode, runningServer, until } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

/** A process in the background, one that left its group, and one that the call waits for. */
const FAMILY = `sleep 777 & echo $! > pids; setsid sh -c 'echo $$ >> pids; exec sleep 777' & sh -c 'trap "" TERM; echo $$ >> pids; echo begun; while :; do sleep 777; done'`;
const REJECT = { code: "Deleted", message: "The node node-1 was deleted.", retryable: false };
const GONE = { kind: "Status", message: "Gone.", details: { name: "node-1", kind: "nodes", causes: [{ reason: "NodeDeleted" }] } };
const REFUSAL = { status: "401 Unauthorized", body: JSON.stringify(GONE) };

/** Starts the processes, and resolves with their ids when all are there. */
async function family(server: LinkServer, dataDir: string, workspace = "s"): Promise<number[]> {
	const id = `call-${workspace}`;
	server.call(id, "bash", { command: FAMILY }, { workspace, session: `default/${workspace}` });
	const pids = () =>
		readFileSync(join(dataDir, "workspaces", workspace, "pids"), "utf8")
			.trim()
			.split("\n")
			.map(Number);
	await server.until(() => server.outputOf(id) === "begun\n");
	await until(() => pids().length === 3);
	return pids();
}

/** As the server says it to a node that is connected. */
function deleteNode(server: LinkServer): void {
	server.send({ v: 1, type: "reject", id: "r", incarnation: server.incarnation, ...REJECT });
}

describe("a node that is deleted", () => {
	it("ends all that its sessions run, of calls and of people, before its runtime exits, and says how many calls that were", async () => {
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		const runtime = nodeProcess(server.url, dataDir);
		await server.joined();
		const pids = [...(await family(server, dataDir)), ...(await family(server, dataDir, "t"))];
		const exec = server.exec(["sh", "-c", "echo $$; exec sleep 777"]);
		await server.until(() => server.data(exec).includes("\n"));
		pids.push(Number(server.data(exec)));
		expect(pids.filter(isRunning)).toEqual(pids);
		deleteNode(server);
		expect(await runtime.ended).toBe(1);
		expect(pids.filter(isRunning)).toEqual([]);
		expect(runtime.log()).toContain("Node node-1 was deleted, so nothing of its sessions runs here any more. Calls that were ended: 2.");
		expect(runtime.log()).toMatch(/rejected this node: The node node-1 was deleted\.\n$/);
	});

	it("ends what it left running when it was stopped and hears of it only when it is back", async () => {
		const { server, node, dataDir } = await runningNode();
		const pids = await family(server, dataDir);
		await node.stop();
		expect([node.calls(), pids.filter(isRunning)]).toEqual([1, pids]);
		server.refuse = REFUSAL;
		server.refuseJoin = { status: 409, body: JSON.stringify({ kind: "Status", message: "Enough." }) };
		const runtime = nodeProcess(server.url, dataDir);
		expect(await runtime.ended).toBe(1);
		expect(pids.filter(isRunning)).toEqual([]);
		expect(runtime.log()).toContain("Calls that were ended: 1.");
	});

	it("has forgotten its calls when it joins again", async () => {
		const { server, node, dataDir } = await runningNode();
		await family(server, dataDir);
		deleteNode(server);
		await expect(node.done).rejects.toThrow("The node node-1 was deleted.");
		expect(node.calls()).toBe(0);
		server.incarnation = 2;
		await runningNode({ server, dataDir });
		expect(server.hellos.at(-1)?.calls).toEqual([]);
		expect(server.resultsOf("call-s")).toEqual([]);
	});

	it("does not take another rejection for that", async () => {
		const { server, node, dataDir } = await runningNode();
		const pids = await family(server, dataDir);
		server.send({ v: 1, type: "reject", id: "r", incarnation: 1, ...REJECT, code: "NameTaken" });
		await expect(node.done).rejects.toThrow("rejected");
		expect([node.calls(), pids.filter(isRunning)]).toEqual([1, pids]);
		const next = await runningNode({ server, dataDir });
		deleteNode(server);
		await expect(next.node.done).rejects.toThrow("rejected");
		expect(pids.filter(isRunning)).toEqual([]);
	});
});
