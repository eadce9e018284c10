import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RecordFile } from "./call-record.ts";
import { processesWith } from "./process/process-table.ts";
import { startNode } from "./runtime.ts";
import { TOKEN } from "./testing/link-server.ts";
import { runningNode, runningServer, until } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { writeAtomic } from "./write-atomic.ts";

/** Linux has a device on which every write fails with ENOSPC; other systems have none, and nothing to be tested with. */
const FULL_DEVICES = ["/dev/full"].filter(existsSync);

/** Makes a file of a call's record one that cannot be written, as on a full disk. */
function fill(device: string, dataDir: string, callId: string, file: RecordFile | `${RecordFile}.tmp`): string {
	const dir = join(dataDir, "calls", callId);
	mkdirSync(dir, { recursive: true });
	symlinkSync(device, join(dir, file));
	return join(dir, file);
}

describe("writeAtomic", () => {
	it("leaves the old file whole when the new one cannot be written", () => {
		const path = join(temporaryDirectory(), "file");
		writeAtomic(path, "old");
		mkdirSync(`${path}.tmp`);
		expect(() => writeAtomic(path, "new")).toThrow();
		expect(readFileSync(path, "utf8")).toBe("old");
	});
});

describe.each(FULL_DEVICES)("on a full disk (%s)", (device) => {
	it("a call that cannot be put on record does not run, and says what to do", async () => {
		const { server, dataDir, path } = await runningNode();
		server.acknowledges = false;
		const obstacle = fill(device, dataDir, "c", "call.json.tmp");
		const result = await server.run("c", "bash", { command: "touch ran" });
		expect(result).toMatchObject({
			isError: true,
			content:
				"Nothing was run, because the call could not be put on record. The disk of the node is full: the journal of calls could not be written. Delete what is not needed, or have space freed on the node, and try again.",
		});
		server.call("c", "bash", { command: "touch ran" });
		await server.until(() => server.resultsOf("c").length > 1);
		expect(existsSync(path("ran"))).toBe(false);

		rmSync(obstacle);
		server.acknowledge("c");
		expect(await server.run("d", "bash", { command: "echo works" })).toMatchObject({ content: "works" });
	});

	it("acknowledged calls make room for new ones", async () => {
		const { server, dataDir } = await runningNode();
		await server.run("old", "bash", { command: "true" });
		await until(() => existsSync(join(dataDir, "calls/old/acknowledged")));
		fill(device, dataDir, "c", "call.json.tmp");
		await server.run("c", "bash", { command: "true" });
		expect(existsSync(join(dataDir, "calls/old"))).toBe(false);
	});

	it("a result that cannot be put on record is sent, with a remark", async () => {
		const { server, dataDir } = await runningNode();
		fill(device, dataDir, "c", "result.json.tmp");
		const { content } = await server.run("c", "bash", { command: "echo hello" });
		expect(content).toMatch(/^hello\nThe disk of the node is full: the record of this call could not be written\./);
	});

	it("a command whose output cannot be written ends with its error", async () => {
		const { server, dataDir } = await runningNode();
		fill(device, dataDir, "c", "output");
		expect(await server.run("c", "bash", { command: "echo hello" })).toMatchObject({ isError: true, exitCode: 1 });
	});

	it("a command whose shell cannot make its files did not run, and says so", async () => {
		const { server, dataDir, path } = await runningNode();
		mkdirSync(join(dataDir, "calls/c/output"), { recursive: true });
		expect(await server.run("c", "bash", { command: "touch ran" })).toMatchObject({
			isError: true,
			content: expect.stringContaining("could not be started and did not run"),
		});
		expect(existsSync(path("ran"))).toBe(false);
	});

	it("a command is killed although the decision cannot be put on record", async () => {
		const { server, dataDir } = await runningNode();
		fill(device, dataDir, "c", "stop.json.tmp");
		expect(await server.run("c", "bash", { command: "sleep 60" }, { timeoutMs: 100 })).toMatchObject({
			content: "timed out after 0.1 s\n(no output)",
		});
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
	});

	it("an edit leaves the file as it was", async () => {
		const { server, dataDir, path } = await runningNode();
		await server.run("w", "write", { path: "a.txt", content: "one" });
		fill(device, dataDir, "e", "edit.json.tmp");
		const { content } = await server.run("e", "edit", { path: "a.txt", old_string: "one", new_string: "two" });
		expect(content).toContain('The disk of the node is full: "a.txt" could not be written.');
		expect(readFileSync(path("a.txt"), "utf8")).toBe("one");
		expect(existsSync(path(".klaw-e.tmp"))).toBe(false);
	});

	it("a node that cannot keep its identity does not start, and says why", async () => {
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		symlinkSync(device, join(dataDir, "node.json.tmp"));
		const start = startNode({ url: server.url, token: TOKEN, name: "n", dataDir });
		await expect(start).rejects.toThrow(`The disk of the node is full: the data directory ${dataDir} could not be written.`);
	});
});
