import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processesWith } from "../process/process-table.ts";
import type { LinkServer } from "../testing/link-server.ts";
import { nodeProcess } from "../testing/node-process.ts";
import { runningNode, runningServer, until } from "../testing/running-node.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { MAX_EXECS } from "./execs.ts";
import { STDERR, WINDOW_BYTES } from "./protocol.ts";

const sh = (script: string) => ["sh", "-c", script];

const exits = (server: LinkServer, id: string) => server.said.filter((frame) => frame.type === "exec-exit" && frame.id === id);

describe("a person's command", () => {
	it("runs in the session's workspace, which is made for it, and gives its output on two channels and its exit code", async () => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(sh("pwd; echo oops >&2; exit 7"));
		expect(await server.ended(id)).toEqual({ exitCode: 7 });
		expect(String(server.data(id))).toBe(`${dataDir}/workspaces/s\n`);
		expect(String(server.data(id, STDERR))).toBe("oops\n");
	});

	it("is given its arguments as they are, without a shell", async () => {
		const { server } = await runningNode();
		const id = server.exec(["printf", "%s|", "a b", "$HOME", "", "ü'\"\n"]);
		await server.ended(id);
		expect(String(server.data(id))).toBe("a b|$HOME||ü'\"\n|");
	});

	it("reads stdin to its end, also what came before it ran", async () => {
		const { server } = await runningNode();
		const id = server.exec(["cat"], { stdin: true });
		server.stdin(id, "one ");
		server.stdin(id, "two");
		server.eof(id);
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
		expect(String(server.data(id))).toBe("one two");
	});

	it("has an empty stdin unless it was asked for with one", async () => {
		const { server } = await runningNode();
		const id = server.exec(["cat"]);
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
	});

	it("gets and gives bytes, not text", async () => {
		const { server } = await runningNode();
		const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
		const id = server.exec(["cat"], { stdin: true });
		for (let at = 0; at < bytes.length; at += 10_000) server.stdin(id, bytes.subarray(at, at + 10_000));
		server.eof(id);
		await server.ended(id);
		expect(server.data(id).equals(bytes)).toBe(true);
	});

	it("sees neither the runtime's environment nor another session's directory as its own", async () => {
		process.env.SECRET_OF_THE_NODE = "hush";
		const { server, dataDir } = await runningNode();
		const id = server.exec(["env"], { workspace: "t" });
		await server.ended(id);
		expect(String(server.data(id))).not.toContain("hush");
		expect(String(server.data(id))).toContain(`HOME=${dataDir}/workspaces/t\n`);
	});

	it.each([
		[["no-such-program"], 127, 'exec: "no-such-program": executable file not found in $PATH\n'],
		[["/etc/passwd"], 126, /^exec: "\/etc\/passwd": .*EACCES/],
	])("that cannot be run ends as in a shell: %j", async (command, exitCode, message) => {
		const { server } = await runningNode();
		const id = server.exec(command);
		expect(await server.ended(id)).toEqual({ exitCode });
		expect(String(server.data(id, STDERR))).toMatch(message);
	});

	it("that dies of a signal ends with 128 and the signal's number", async () => {
		const { server } = await runningNode();
		expect(await server.ended(server.exec(sh("kill -KILL $$")))).toEqual({ exitCode: 137 });
	});

	it("does not run in a workspace that cannot be one", async () => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(["touch", "ran"], { workspace: "../escaped" });
		expect(await server.ended(id)).toEqual({ message: 'The workspace "../escaped" cannot be a file name, so nothing was run.' });
		expect(existsSync(join(dataDir, "escaped"))).toBe(false);
	});

	it("runs beside others, of which there are only so many at once", async () => {
		const { server } = await runningNode();
		const ids = Array.from({ length: MAX_EXECS }, () => server.exec(["cat"], { stdin: true }));
		const refused = await server.ended(server.exec(["true"]));
		expect(refused.message).toContain(`runs ${MAX_EXECS} commands of people already`);
		for (const [index, id] of ids.entries()) {
			server.stdin(id, `${index}`);
			server.eof(id);
		}
		await Promise.all(ids.map((id) => server.ended(id)));
		expect(ids.map((id) => String(server.data(id)))).toEqual(ids.map((_, index) => `${index}`));
	}, 30_000);

	it("is no call: nothing of it is in the journal", async () => {
		const { server } = await runningNode();
		await server.ended(server.exec(["true"]));
		server.cut();
		await server.joined(2);
		expect(server.hellos[1]?.calls).toEqual([]);
	});
});

describe("a command's output", () => {
	it("of 10 MB waits in the command while nobody takes it", async () => {
		const { server, path } = await runningNode();
		server.takesOutput = false;
		const id = server.exec(sh("head -c 10000000 /dev/zero; echo written > done"));
		await server.until(() => server.data(id).length >= WINDOW_BYTES);
		// One more command through the same link: whatever else the node had to send has been sent by then.
		await server.ended(server.exec(["true"]));
		expect(server.data(id).length).toBeLessThan(WINDOW_BYTES + 2 ** 17);
		expect(existsSync(path("done"))).toBe(false);
		server.takesOutput = true;
		server.credit(id, server.data(id).length);
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
		expect(server.data(id).length).toBe(10_000_000);
	});

	it("is complete although the command left something in the background that holds it open", async () => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(sh("echo first; sleep 1000 & echo last"));
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
		expect(String(server.data(id))).toBe("first\nlast\n");
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
	});

	it("makes room for input as the command reads it, and no sooner", async () => {
		const { server, path } = await runningNode();
		const id = server.exec(sh("until [ -e go ]; do sleep 0.05; done; wc -c"), { stdin: true });
		for (let sent = 0; sent < 1_000_000; sent += 20_000) server.stdin(id, Buffer.alloc(20_000));
		server.eof(id);
		const taken = () => server.said.reduce((sum, frame) => sum + (frame.type === "exec-credit" ? frame.bytes : 0), 0);
		await server.ended(server.exec(["true"]));
		expect(taken()).toBeLessThan(1_000_000);
		writeFileSync(path("go"), "");
		await server.ended(id);
		expect(taken()).toBe(1_000_000);
		expect(String(server.data(id)).trim()).toBe("1000000");
	});
});

describe("a command whose client is gone", () => {
	const stubborn = sh("trap '' TERM HUP; setsid sleep 1000 & echo begun; while true; do sleep 0.05; done");

	it.each([
		["is stopped by the server", (server: { stopExec(id: string): void }, id: string) => server.stopExec(id)],
		["loses the connection", (server: { cut(): void }) => server.cut()],
	])("is killed with all that it started when it %s", async (_, leave) => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(stubborn, { stdin: true });
		await server.until(() => String(server.data(id)) === "begun\n");
		leave(server, id);
		await until(() => processesWith([`KLAW_NODE_DATA=${dataDir}`]).length === 0);
	});

	it("is named when the node dials again, for as long as it is being ended", async () => {
		const { server } = await runningNode();
		const id = server.exec(sh("trap '' TERM HUP; echo begun; while true; do sleep 0.05; done"));
		await server.until(() => String(server.data(id)) === "begun\n");
		server.cut();
		await server.joined(2);
		expect([server.hellos[0]?.execs, server.hellos[1]?.execs]).toEqual([[], [id]]);
		expect(await server.ended(id)).toMatchObject({ exitCode: expect.any(Number) });
	});

	it("is said to be over, also when it was so before it was stopped, as it was said first", async () => {
		const { server } = await runningNode();
		const state = { epoch: 1, checkpoints: true, limitBytes: 1_000 };
		const id = server.exec(sh("head -c 5000 /dev/zero > f; exit 3"), { state });
		await server.ended(id);
		server.stopExec(id);
		await server.until(() => exits(server, id).length === 2);
		const said = { exitCode: 3, uncheckpointed: true, unkept: { reason: "OverCeiling" } };
		expect(exits(server, id)).toMatchObject([said, said]);
	});

	it("that ends while there is no connection is named and said to be over when there is one again, until that was heard", async () => {
		const { server, dataDir } = await runningNode({ timing: { backoffFirstMs: 1_000, backoffMaxMs: 1_000 } });
		const id = server.exec(sh("echo begun; sleep 1000"));
		await server.until(() => String(server.data(id)) === "begun\n");
		server.cut();
		await until(() => processesWith([`KLAW_NODE_DATA=${dataDir}`]).length === 0);
		for (const welcomed of [2, 3]) {
			await server.joined(welcomed);
			await server.until(() => exits(server, id).length === welcomed - 1);
			expect(server.hellos[welcomed - 1]?.execs).toEqual([id]);
			if (welcomed === 2) server.cut();
		}
		server.acknowledge(id);
		// One more command through the same link: the word before it was heard by then.
		await server.ended(server.exec(["true"]));
		server.cut();
		await server.joined(4);
		expect(server.hellos[3]?.execs).not.toContain(id);
	}, 30_000);

	it("is killed when the runtime stops, while a call goes on", async () => {
		const { server, dataDir, node } = await runningNode();
		server.call("c", "bash", { command: "echo begun; until [ -e go ]; do sleep 0.02; done" });
		await server.until(() => server.outputOf("c") === "begun\n");
		const id = server.exec(stubborn);
		await server.until(() => String(server.data(id)) === "begun\n");
		await node.stop();
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`, "KLAW_EXEC=true"])).toEqual([]);
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`]).length).toBeGreaterThan(0);
	});

	it("is killed by the next runtime when the last one was killed itself", async () => {
		const server = await runningServer();
		const dataDir = temporaryDirectory();
		const first = nodeProcess(server.url, dataDir);
		await server.joined();
		const id = server.exec(stubborn);
		await server.until(() => String(server.data(id)) === "begun\n");
		await first.kill("SIGKILL");
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`]).length).toBeGreaterThan(0);
		await runningNode({ server, dataDir });
		await until(() => processesWith([`KLAW_NODE_DATA=${dataDir}`]).length === 0);
	});

	it("of a session that is deleted is killed", async () => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(stubborn);
		await server.until(() => String(server.data(id)) === "begun\n");
		server.send({ v: 1, type: "forget", id: "s", incarnation: 1, session: "default/s", workspace: "s" });
		expect((await server.ended(id)).exitCode).toBeGreaterThan(128);
		await server.until(() => server.forgotten.includes("s"));
		expect(existsSync(join(dataDir, "workspaces/s"))).toBe(false);
	});
});

describe("a terminal", () => {
	it("is one for the command, of the size that the client has, also when it changes", async () => {
		const { server, path } = await runningNode();
		const id = server.exec(sh("trap 'stty size' WINCH; test -t 0 && test -t 1 && echo yes $TERM; until [ -e go ]; do sleep 0.05; done"), {
			...{ tty: true, stdin: true },
		});
		server.resize(id, 111, 22);
		await server.until(() => String(server.data(id)).includes("yes xterm\r\n"));
		server.resize(id, 99, 33);
		await server.until(() => String(server.data(id)).includes("33 99"));
		writeFileSync(path("go"), "");
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
	});

	it("echoes what is typed, runs it, and ends with the shell's exit code", async () => {
		const { server } = await runningNode();
		const id = server.exec(["sh"], { tty: true, stdin: true });
		server.stdin(id, "echo $((20 + 22))\nexit 3\n");
		expect(await server.ended(id)).toEqual({ exitCode: 3 });
		expect(String(server.data(id))).toContain("42\r\n");
	});

	it("passes Ctrl-C on while nobody takes the output", async () => {
		const { server } = await runningNode();
		server.takesOutput = false;
		const id = server.exec(sh("trap 'echo stopped > stopped; exit 9' INT; yes"), { tty: true, stdin: true });
		await server.until(() => server.data(id).length >= WINDOW_BYTES);
		server.stdin(id, "\x03");
		server.takesOutput = true;
		server.credit(id, server.data(id).length);
		expect((await server.ended(id)).exitCode).toBeGreaterThan(0);
	});

	it("ends its input with the end of stdin", async () => {
		const { server } = await runningNode();
		const id = server.exec(["cat"], { tty: true, stdin: true });
		server.stdin(id, "hello\n");
		server.eof(id);
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
		expect(String(server.data(id))).toContain("hello\r\n");
	});

	it("ends with its command, although something in the background still holds it", async () => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(sh("trap '' HUP; sleep 1000 & seq 5000; echo last"), { tty: true });
		expect(await server.ended(id)).toEqual({ exitCode: 0 });
		expect(String(server.data(id))).toMatch(/^1\r\n2\r\n(?:.*\r\n)*4999\r\n5000\r\nlast\r\n$/);
		expect(processesWith([`KLAW_NODE_DATA=${dataDir}`])).toEqual([]);
	});

	it("is gone with its client", async () => {
		const { server, dataDir } = await runningNode();
		const id = server.exec(["bash"], { tty: true, stdin: true });
		server.stdin(id, "trap '' HUP TERM; sleep 1000 & echo be''gun\n");
		await server.until(() => String(server.data(id)).includes("begun"));
		server.stopExec(id);
		await until(() => processesWith([`KLAW_NODE_DATA=${dataDir}`]).length === 0);
	});

	it("leaves the command its signals: a pipe that nobody reads ends its writer", async () => {
		const { server } = await runningNode();
		const id = server.exec(["bash", "-c", "yes | head -n 1; echo $PIPESTATUS"], { tty: true });
		await server.ended(id);
		expect(String(server.data(id))).toBe("y\r\n141\r\n");
	});

	it("does not take its program from the workspace", async () => {
		const { server, path } = await runningNode();
		mkdirSync(path(""), { recursive: true });
		writeFileSync(path("pty.py"), "open('taken', 'w')");
		await server.ended(server.exec(["true"], { tty: true }));
		expect(existsSync(path("taken"))).toBe(false);
		expect(readFileSync(path("pty.py"), "utf8")).toContain("taken");
	});
});
