import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiClient } from "../api-client.ts";
import { openExec } from "./open-exec.ts";
import { TestExecServer } from "./test-exec-server.ts";

let server: TestExecServer;
beforeEach(async () => {
	server = new TestExecServer();
	server.workspaces.set("s", tmpdir());
	await server.start();
});
afterEach(() => server.stop());

/** Runs `true` in a session. @returns what was said meanwhile */
async function said(session = "s"): Promise<string> {
	let text = "";
	const stderr = {
		write(line: string | Buffer) {
			text += line;
		},
	};
	const [, url = ""] = server.flags;
	const client = new ApiClient({ server: url, token: "t", namespace: "default", source: "a test" });
	const request = { namespace: "default", session, command: ["true"], stdin: false };
	try {
		const socket = await openExec(client, stderr, request, { firstMs: 1, everyMs: 1 });
		for await (const _ of socket.output());
	} catch (error) {
		text += error instanceof Error ? error.message : error;
	}
	return text;
}

describe("a command that waits for a node", () => {
	it("says what for, in a line when it changes", async () => {
		const none = "0/0 nodes are available.";
		const full = "0/1 nodes are available: 1 Insufficient cpu.";
		server.waitsFor.push("", none, none, "", full, full);
		expect(await said()).toBe(
			`Waiting for a node for session/s\nWaiting for a node for session/s: ${none}\nWaiting for a node for session/s: ${full}\n`,
		);
	});

	it("says it in text that cannot steer the terminal", async () => {
		server.waitsFor.push("\u001b]52;c;Y3VybA\u0007\u009b2Jowned\u0008", "", "");
		expect(await said()).toMatch(/^Waiting for a node for session\/s: .*owned\n/);
		server.waitsFor.push("\u001b[2J\u0007x\u0008", "", "");
		// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is not to be there.
		expect(await said()).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
	});

	it("says nothing when the session is not there", async () => {
		expect(await said("ghost")).toBe('Error from server (NotFound): pods "ghost" not found');
	});
});

describe("a command that is refused", () => {
	it("leaves no connection behind for which its process would stay", async () => {
		await said("ghost");
		await server.refusedHungUp;
	});
});
