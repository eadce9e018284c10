import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statfsSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { WorkspaceState } from "./checkpoint/protocol.ts";
import { killUser } from "./process/kill.ts";
import { isRunning, processesOf, processesWith } from "./process/process-table.ts";
import type { UnixUser } from "./sandbox/sandbox.ts";
import { nodeProcess } from "./testing/node-process.ts";
import { type RunningNode, runningNode, runningServer, until } from "./testing/running-node.ts";
import { HAS_SESSION_USERS, onlyAsOwnerOf } from "./testing/session-users.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";

const OTHER = { workspace: "other", session: "default/other" };

function userOf({ dataDir }: RunningNode, workspace = "s"): UnixUser {
	const { uid, gid } = statSync(join(dataDir, "workspaces", workspace));
	return { uid, gid };
}

/** A node with two sessions, of which the second has a file and a process in the background. */
async function twoSessions(): Promise<RunningNode & { sleeper: number }> {
	const node = await runningNode();
	await node.server.run("first", "bash", { command: "echo mine > mine" });
	await node.server.run("neighbour", "bash", { command: "umask 0; echo kept > kept; sleep 1000 & echo $! > pid" }, OTHER);
	for (const user of [userOf(node), userOf(node, "other")]) onTestFinished(() => killUser(user, 0));
	const sleeper = Number(readFileSync(join(node.dataDir, "workspaces/other/pid"), "utf8"));
	return { ...node, sleeper };
}

/** A disk of 2 MB at an empty directory, until the test is over. False: this process may mount nothing. */
function mountSmall(path: string): boolean {
	const options = ["-t", "tmpfs", "-o", "size=2m,mode=755", "klaw-test", path];
	if (spawnSync("mount", options).status !== 0) return false;
	onTestFinished(() => void spawnSync("umount", ["-l", path]));
	return true;
}

/** The node, its journal and the other session are as they were. */
async function expectUnharmed({ server, dataDir, sleeper }: RunningNode & { sleeper: number }): Promise<void> {
	expect(isRunning(sleeper)).toBe(true);
	expect(await server.run(`after-${Math.random()}`, "bash", { command: "cat kept" }, OTHER)).toMatchObject({ content: "kept" });
	expect(readdirSync(join(dataDir, "calls"))).toEqual(expect.arrayContaining(["first", "neighbour"]));
	expect(existsSync(join(dataDir, "node.json"))).toBe(true);
	expect(server.hellos).toHaveLength(1);
}

// Without users of their own, these commands would harm the machine that runs the tests. What a node says then is tested below.
describe.runIf(HAS_SESSION_USERS)("a session that", () => {
	it("starts a fork bomb is ended and told so, while another works on", async () => {
		const node = await twoSessions();
		const command = onlyAsOwnerOf(node.path(""), ":(){ :|:& };:");
		await node.server.run("bomb", "bash", { command }, { limits: { processes: 64 } });
		await expectUnharmed(node);
		await until(() => node.log.some((line) => line.includes("stayed at its limit of 64 processes")));
		await until(() => processesOf(userOf(node)).length === 0);
		expect(await node.server.run("next", "bash", { command: "cat mine" })).toMatchObject({
			content: "mine\n(the session stayed at its limit of 64 processes, so all of them were killed)",
			isError: false,
		});
		await expectUnharmed(node);
	}, 60_000);

	it("removes all that it can, removes its own files and nothing else", async () => {
		const node = await twoSessions();
		// Not all of /, which takes long to walk through: everything that is writable for somebody is in these.
		const command = onlyAsOwnerOf(
			node.path(""),
			`rm -rf --no-preserve-root /etc /tmp /var/tmp /dev/shm ${node.dataDir} "$HOME" 2>/dev/null`,
		);
		expect(await node.server.run("rm", "bash", { command })).toMatchObject({ exitCode: 1 });
		expect(readdirSync(node.path(""))).toEqual([]);
		await expectUnharmed(node);
		expect(await node.server.run("next", "bash", { command: "echo again > file; cat file" })).toMatchObject({ content: "again" });
	}, 60_000);

	it("kills every process that it can, kills its own", async () => {
		const node = await twoSessions();
		await node.server.run("background", "bash", { command: "sleep 1000 &" });
		const command = onlyAsOwnerOf(node.path(""), "kill -9 -1; echo $?");
		expect(await node.server.run("kill", "bash", { command })).toMatchObject({ content: expect.stringMatching(/^0$|^exit code 137/) });
		await until(() => processesOf(userOf(node)).length === 0);
		await expectUnharmed(node);
	});

	it("would kill the shell around its command cannot, and kills itself at most", async () => {
		const { server, path } = await twoSessions();
		const command = onlyAsOwnerOf(path(""), "kill -9 $PPID; kill -9 -$PPID");
		const { content, exitCode } = await server.run("kill", "bash", { command });
		expect({ content, exitCode }).toEqual({ content: expect.stringMatching(/Operation not permitted|No such process/), exitCode: 137 });
	});

	it("hides a process from its environment and its group is rid of it when it is deleted", async () => {
		const node = await twoSessions();
		await node.server.run("hide", "bash", { command: "env -i setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' >/dev/null 2>&1 &" });
		const user = userOf(node);
		await until(() => processesOf(user).length > 0);
		await until(() => processesWith([`KLAW_WORKSPACE=${node.dataDir}/workspaces/s`]).length === 0);
		node.server.send({ v: 1, type: "forget", id: "s", incarnation: 1, session: "default/s", workspace: "s" });
		await node.server.until(() => node.server.forgotten.includes("s"));
		expect(processesOf(user)).toEqual([]);
		expect([existsSync(node.path("")), existsSync(join(node.dataDir, "tmp/s"))]).toEqual([false, false]);
		await expectUnharmed(node);
	});

	it("lets a process leave its call's group is rid of it when the call is cancelled, and keeps its others", async () => {
		const node = await twoSessions();
		await node.server.run("earlier", "bash", { command: "sleep 1001 &" });
		node.server.call("c", "bash", { command: "setsid sleep 1002 & sleep 1003 & (trap '' TERM; echo begun; sleep 1004; sleep 1005)" });
		await node.server.until(() => node.server.outputOf("c") === "begun\n");
		node.server.cancel("c", "enough");
		expect(await node.server.result("c")).toMatchObject({ content: expect.stringMatching(/^cancelled: enough/) });
		expect(processesOf(userOf(node)).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"))).toEqual(["sleep\x001001\0"]);
	});

	it("looks into another's workspace, the journal or the runtime sees nothing", async () => {
		const node = await twoSessions();
		const looks = ["ls ../other", "cat ../other/kept", "touch ../other/new", "ls ../../calls", "cat ../../calls/first/call.json"];
		const more = ["cat ../../node.json", `cat /proc/${process.pid}/environ`, "cat ../../tmp/other/x"];
		for (const [index, command] of [...looks, ...more].entries()) {
			const { content } = await node.server.run(`look-${index}`, "bash", { command });
			expect(`${command}: ${content}`).toMatch(/(Permission denied|No such file or directory)$/);
		}
		const { content } = await node.server.run("list", "bash", { command: "ls .. ../.. ../../tmp" });
		expect(content).not.toMatch(/other$|calls|node\.json/m);
		await expectUnharmed(node);
	});

	it("has no right to get, and cannot change what it may use", async () => {
		const { server } = await twoSessions();
		const command = "grep -E '^(CapPrm|CapBnd|NoNewPrivs|Groups)' /proc/self/status | tr -d '[:space:]'; ulimit -u 100000; ulimit -c";
		const { content } = await server.run("look", "bash", { command });
		expect(content).toMatch(/^Groups:CapPrm:0{16}CapBnd:0{16}NoNewPrivs:1.*(not permitted|cannot modify)[\s\S]*\n0$/);
	});

	it("runs a person's command, in a terminal or not, runs it as its own user", async () => {
		const node = await twoSessions();
		const { uid } = userOf(node);
		for (const tty of [false, true]) {
			const id = node.server.exec(["sh", "-c", "id -u; cat mine"], { tty });
			expect(await node.server.ended(id)).toEqual({ exitCode: 0 });
			expect(String(node.server.data(id)).replaceAll("\r", "")).toBe(`${uid}\nmine\n`);
		}
	});

	it("is joined by a person, leaves that command what its session may use", async () => {
		const { server } = await twoSessions();
		await server.run("call", "bash", { command: "true" }, { limits: { ephemeralStorage: 512 * 3_000 } });
		const inBlocks = async (more: { limits?: { ephemeralStorage: number } }) => {
			const id = server.exec(["sh", "-c", "ulimit -f"], more);
			await server.ended(id);
			return String(server.data(id));
		};
		expect(await inBlocks({})).toBe("3000\n");
		for (const more of [{ limits: { ephemeralStorage: 512 * 2_000 } }, {}]) expect(await inBlocks(more)).toBe("2000\n");
	});
});

describe.runIf(HAS_SESSION_USERS)("a command that uses too much", () => {
	it.each([
		["space in one file", "dd if=/dev/zero of=big bs=1M count=20", { ephemeralStorage: 10 * 2 ** 20 }, 153, "limit of 10 MiB for one file"],
		["memory", "tail /dev/zero", { memory: 64 * 2 ** 20 }, 1, "can have 64 MiB of memory"],
	])(
		"is stopped and told so: %s",
		async (_, command, limits, exitCode, remark) => {
			const node = await twoSessions();
			const result = await node.server.run("hog", "bash", { command }, { limits });
			expect(result).toMatchObject({ exitCode, content: expect.stringContaining(remark) });
			await expectUnharmed(node);
		},
		30_000,
	);

	it("is told of many files that are too much together, and what it left running is killed", async () => {
		const node = await twoSessions();
		const limits = { ephemeralStorage: 2 ** 20 };
		const third = { workspace: "third", session: "default/third", limits };
		const command = "sleep 1000 & for i in 1 2 3; do head -c 500000 /dev/zero > f$i; done";
		const { content, exitCode } = await node.server.run("hog", "bash", { command }, third);
		expect(exitCode).toBe(0);
		expect(content).toMatch(/This session uses 1\.\d MiB of the node's disk, over its limit of 1\.0 MiB/);
		expect(processesOf(userOf(node, "third"))).toEqual([]);
		expect((await node.server.run("rm", "bash", { command: "rm f*" }, third)).content).toBe("(no output)");
		await expectUnharmed(node);
	}, 30_000);

	it("may still make a sparse file of 5 GB, which no tool stumbles over", async () => {
		const { server } = await twoSessions();
		expect(await server.run("sparse", "bash", { command: "truncate -s 5G big; stat -c %s big" })).toMatchObject({ content: "5368709120" });
		expect(await server.run("glob", "glob", { pattern: "*" })).toMatchObject({ content: "big\nmine" });
		expect(await server.run("read", "read", { path: "big" })).toMatchObject({ isError: true });
	}, 60_000);

	it("may have a file of 5 GB where its ceiling allows it, which is checkpointed and restored in a fraction of the memory", async ({
		skip,
	}) => {
		const { bavail, bsize } = statfsSync(tmpdir());
		skip(bavail * bsize < 16 * 2 ** 30, "a restored file has no holes: there is too little room for one of 5 GB");
		const server = await runningServer();
		const run = async (id: string, command: string, more: Partial<WorkspaceState> = {}) => {
			const node = nodeProcess(server.url, temporaryDirectory());
			await server.joined(server.hellos.length + 1);
			const state = { epoch: 1, checkpoints: true, limitBytes: 8 * 2 ** 30, ...more };
			const result = await server.run(id, "bash", { command }, { state, timeoutMs: 120_000 });
			const [, peakKiB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${node.child.pid}/status`, "utf8")) ?? [];
			await node.kill("SIGTERM");
			return { ...result, peakBytes: Number(peakKiB) * 1024 };
		};
		const marks = "for at in 0 3 5119; do echo mark-$at | dd of=big bs=1M seek=$at conv=notrunc; done";
		const made = await run("make", `truncate -s 5G big; ${marks}`);
		expect(made).toMatchObject({ isError: false, checkpoint: { files: 1, bytes: 5 * 2 ** 30 } });
		expect(made.checkpoint?.storedBytes).toBeLessThan(2 ** 20);

		const look = "stat -c %s big; for at in 0 3 5119; do dd if=big bs=1M skip=$at count=1 2>/dev/null | head -n 1; done";
		const restored = await run("look", look, { epoch: 2, checkpoint: made.checkpoint?.name });
		expect(restored.content).toBe("5368709120\nmark-0\nmark-3\nmark-5119");
		expect(Math.max(made.peakBytes, restored.peakBytes)).toBeLessThan(512 * 2 ** 20);
	}, 300_000);

	it("is told when it fills the disk, and neither journal nor others lose anything", async () => {
		const disk = temporaryDirectory();
		const small = mountSmall(disk);
		const { server, path } = await runningNode({ dataDir: disk });
		await server.run("before", "bash", { command: "echo kept > kept" }, OTHER);
		// Where this process may not mount a small disk, the device that is always full stands for it.
		const full = await server.run("fill", "bash", { command: `${small ? "" : "ln -s /dev/full big; "}cat /dev/zero > big` });
		const said = small ? "the disk of the node is full" : "No space left on device";
		expect(full).toMatchObject({ exitCode: 1, content: expect.stringContaining(said) });
		await server.run("clear", "bash", { command: "rm big" });
		if (existsSync(path("big"))) await server.run("clear-again", "bash", { command: "rm big" });
		expect(await server.run("after", "bash", { command: "cat kept" }, OTHER)).toMatchObject({ content: "kept" });
	});
});

describe.runIf(HAS_SESSION_USERS)("a file tool of root's on a session's files", () => {
	it("makes files that the session can change", async () => {
		const node = await twoSessions();
		await node.server.run("write", "write", { path: "a/b/file", content: "one\n" });
		await node.server.run("bash", "bash", { command: "echo two >> a/b/file; touch a/x a/b/x" });
		await node.server.run("edit", "edit", { path: "a/b/file", old_string: "one", new_string: "1" });
		expect(
			await node.server.run("cat", "bash", { command: "cat a/b/file; echo three >> a/b/file && ls a a/b | tr '\\n' ' '" }),
		).toMatchObject({
			content: "1\ntwo\na: b x  a/b: file x",
		});
	});

	it("gives whole outputs to the session", async () => {
		const { server, path } = await twoSessions();
		const { outputFile = "" } = await server.run("long", "bash", { command: "seq 20000" });
		expect(await server.run("cat", "bash", { command: `tail -n 1 ${outputFile}; rm -r .klaw` })).toMatchObject({ content: "20000" });
		expect(existsSync(path(".klaw"))).toBe(false);
	});

	it("does not read for the session what the session may not read", async () => {
		const { server, dataDir, path } = await twoSessions();
		// Some systems let everybody link to any file that they can name (fs.protected_hardlinks).
		linkSync(join(dataDir, "node.json"), path("node.json"));
		expect(await server.run("read", "read", { path: "node.json" })).toMatchObject({
			content: expect.stringContaining("Permission denied"),
			isError: true,
		});
		expect(await server.run("grep", "grep", { pattern: "uid" })).toMatchObject({ content: "no matches found" });
	});

	it("writes nowhere else while the session swaps a directory for a link", async () => {
		const { server, dataDir, path } = await twoSessions();
		const outside = join(dataDir, "outside");
		mkdirSync(outside);
		const swap = "mkdir -p real; until [ -e stop ]; do ln -sfn ../../outside dir; rm dir; mv real dir; mv dir real; done";
		server.call("swap", "bash", { command: `touch begun; ${swap}` });
		await until(() => existsSync(path("begun")));
		for (let index = 0; index < 100; index++) {
			await server.run(`write-${index}`, "write", { path: `dir/${index}/file`, content: "x" });
			await server.run(`read-${index}`, "glob", { pattern: "dir/**" });
		}
		writeFileSync(path("stop"), "");
		await server.result("swap");
		expect(readdirSync(outside)).toEqual([]);
	}, 60_000);

	it("belongs to it also in a directory that was there before sessions had users", async () => {
		const dataDir = temporaryDirectory();
		const old = join(dataDir, "workspaces/s");
		mkdirSync(join(old, "deep"), { recursive: true });
		writeFileSync(join(old, "deep/file"), "old\n");
		symlinkSync("/etc/passwd", join(old, "link"));
		const { server } = await runningNode({ dataDir });
		expect(await server.run("c", "bash", { command: "echo new >> deep/file; cat deep/file" })).toMatchObject({ content: "old\nnew" });
		expect(statSync("/etc/passwd").uid).toBe(0);
	});
});

describe("a node", () => {
	it("says what it keeps sessions apart with, and what that means", async () => {
		const node = await runningNode();
		const isolation = node.server.hellos[0]?.node.isolation;
		expect(isolation).toMatch(HAS_SESSION_USERS ? /^(user|bubblewrap)$/ : /^(none|bubblewrap)$/);
		expect(node.log.find((line) => line.startsWith("Isolation: "))).toContain(`Isolation: ${isolation}`);
	});
});
