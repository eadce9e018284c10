import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TOKEN } from "./testing/link-server.ts";
import { nodeProcess } from "./testing/node-process.ts";
import { runningServer } from "./testing/running-node.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const COMMAND = "echo run >> runs; echo begun; until [ -e go ]; do sleep 0.02; done; echo done";

describe("the process of a node", () => {
	it.each(["SIGTERM", "SIGINT"] as const)("exits with 0 on %s, and the command goes on for the next one", async (signal) => {
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		const first = nodeProcess(server.url, dataDir);
		await server.joined();
		server.call("c", "bash", { command: COMMAND });
		await server.until(() => server.outputOf("c") === "begun\n");
		expect(await first.kill(signal)).toBe(0);
		nodeProcess(server.url, dataDir);
		await server.joined(2);
		writeFileSync(join(dataDir, "workspaces/s/go"), "");
		expect(await server.result("c")).toMatchObject({ content: "begun\ndone", exitCode: 0 });
		expect(readFileSync(join(dataDir, "workspaces/s/runs"), "utf8")).toBe("run\n");
	});

	it("exits with its parent when it is told to", async () => {
		const server = await runningServer();
		const node = nodeProcess(server.url, temporaryDirectory(), ["--exit-with-parent"]);
		await server.joined();
		node.child.stdin?.end();
		expect(await node.ended).toBe(0);
	});

	it("exits with 1 and the server's sentence when it is refused for good", async () => {
		const server = await runningServer();
		server.refuse = { status: "409 Conflict", body: JSON.stringify({ kind: "Status", message: "This node may not." }) };
		const node = nodeProcess(server.url, temporaryDirectory());
		expect(await node.ended).toBe(1);
		expect(node.log()).toMatch(/^The server refused this node with 409: This node may not\.\n$/m);
	});

	it("exits with 1 and a sentence when it cannot read its token, and never shows one", async () => {
		const dataDir = temporaryDirectory();
		writeFileSync(join(dataDir, "empty"), "\n");
		const missing = nodeProcess("http://127.0.0.1:9", dataDir, ["--token-file", join(dataDir, "none")]);
		const empty = nodeProcess("http://127.0.0.1:9", dataDir, ["--token-file", join(dataDir, "empty")]);
		expect([await missing.ended, await empty.ended]).toEqual([1, 1]);
		expect(missing.log()).toContain("none cannot be read: ENOENT");
		expect(empty.log()).toContain("is empty. Put a join token into it: klaw node token create");
		expect(missing.log() + empty.log()).not.toContain(TOKEN);
	});
});
