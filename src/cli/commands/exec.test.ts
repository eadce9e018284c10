import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestExecServer } from "../exec/test-exec-server.ts";
import { runKlaw } from "../test-io.ts";

let server: TestExecServer;
let workspace: string;
beforeEach(async () => {
	workspace = mkdtempSync(join(tmpdir(), "klaw-exec-"));
	server = new TestExecServer();
	server.workspaces.set("s", workspace);
	await server.start();
});
afterEach(() => {
	server.stop();
	rmSync(workspace, { recursive: true, force: true });
});

const klaw = (...argv: string[]) => runKlaw([...server.flags, ...argv]);

describe("klaw exec", () => {
	it("runs a command and prints both its outputs", async () => {
		expect(await klaw("exec", "s", "--", "sh", "-c", "echo out; echo err >&2")).toEqual({ code: 0, stdout: "out\n", stderr: "err\n" });
	});

	it.each(["session/s", "pod/s", "sess/s"])("finds the session by %s", async (word) => {
		expect(await klaw("exec", word, "--", "echo", "-n", "hi")).toMatchObject({ code: 0, stdout: "hi" });
	});

	it("ends with the command's exit code, and says it", async () => {
		expect(await klaw("exec", "s", "--", "sh", "-c", "exit 3")).toEqual({
			code: 3,
			stdout: "",
			stderr: "command terminated with exit code 3\n",
		});
	});

	it("passes its input on, to the end, with -i", async () => {
		const text = "x".repeat(300_000);
		expect(await runKlaw([...server.flags, "exec", "-i", "s", "--", "wc", "-c"], { stdin: text })).toMatchObject({ stdout: "300000\n" });
	});

	it("asks in the namespace that it is told", async () => {
		await klaw("-n", "team-a", "exec", "s", "--", "true");
		expect(server.asked).toEqual(["/api/v1/namespaces/team-a/pods/s/exec"]);
	});

	it("says what the server says of a session that is not there", async () => {
		expect(await klaw("exec", "ghost", "--", "true")).toMatchObject({
			code: 1,
			stderr: 'Error from server (NotFound): pods "ghost" not found\n',
		});
	});

	it("says why a command could not be started", async () => {
		expect(await klaw("exec", "s", "--", "no-such-program")).toMatchObject({ code: 1, stderr: "error: spawn no-such-program ENOENT\n" });
	});

	it("says when the connection ends before the command", async () => {
		server.breakAfter = (socket) => socket.terminate();
		expect(await klaw("exec", "s", "--", "sleep", "60")).toMatchObject({
			code: 1,
			stderr: expect.stringContaining("ended before the command did"),
		});
	});

	it("refuses what has no workspace", async () => {
		expect(await klaw("exec", "task/x", "--", "true")).toMatchObject({
			code: 1,
			stderr: expect.stringContaining("Sessions have workspaces"),
		});
	});
});
