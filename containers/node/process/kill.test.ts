import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { killProcesses, killUser } from "./kill.ts";
import { groupMembers, isAlive, isRunning, processesOf, processesWith, processStart, tasksOf } from "./process-table.ts";

/** A shell in a group of its own, once it has printed a line. */
async function group(script: string, mark: string): Promise<number> {
	const child = spawn("/bin/sh", ["-c", script], {
		detached: true,
		stdio: ["ignore", "pipe", "ignore"],
		env: { ...process.env, KLAW_TEST_MARK: mark },
	});
	const pid = child.pid ?? 0;
	onTestFinished(() => {
		for (const left of processesWith([`KLAW_TEST_MARK=${mark}`])) process.kill(left, "SIGKILL");
	});
	await once(child.stdout, "data");
	return pid;
}

describe("killProcesses", () => {
	it("kills a whole group, and at once when it goes at once", async () => {
		const pid = await group("sleep 60 & sleep 60 & echo up; wait", "group");
		const startedAt = Date.now();
		await killProcesses({ groups: [pid], variables: ["KLAW_TEST_MARK=no such"] }, 20_000);
		expect(groupMembers(pid)).toEqual([]);
		expect(Date.now() - startedAt).toBeLessThan(10_000);
	});

	it("finds by its environment what is in no known group", async () => {
		const pid = await group("sleep 60 & echo up; wait", "elsewhere");
		await killProcesses({ groups: [], variables: ["KLAW_TEST_MARK=elsewhere"] }, 20_000);
		expect(groupMembers(pid)).toEqual([]);
	});

	it("leaves alone a process whose mark only begins like the one that is meant", async () => {
		const pid = await group("echo up; sleep 60", "mark-10");
		await killProcesses({ groups: [], variables: ["KLAW_TEST_MARK=mark-1"] }, 50);
		expect(isRunning(pid)).toBe(true);
	});

	it("is done at once when there is nothing to kill", async () => {
		await killProcesses({ groups: [], variables: ["KLAW_TEST_MARK=none"] }, 20_000);
	});
});

describe.runIf(process.getuid?.() === 0)("killUser", () => {
	const user = { uid: 0x7000_0000, gid: 0x7000_0000 };

	it("kills all of a user, also what ignores SIGTERM and shows nothing of its environment, and nothing of others", async () => {
		const other = await group("sleep 60 & echo up; wait", "of-another");
		const child = spawn("/bin/sh", ["-c", "trap '' TERM; sleep 60 & sleep 61 & echo up; while :; do sleep 1; done"], {
			...{ ...user, env: {}, cwd: "/", detached: true, stdio: ["ignore", "pipe", "ignore"] as const },
		});
		await once(child.stdout ?? child, "data");
		expect(processesOf(user).length).toBeGreaterThanOrEqual(3);
		expect(tasksOf([user]).get(user.uid)).toBeGreaterThanOrEqual(3);
		await killUser(user, 50);
		expect(processesOf(user)).toEqual([]);
		expect(groupMembers(other).length).toBeGreaterThan(0);
	});

	it("is done at once when the user has no process", async () => {
		await killUser({ uid: 0x7000_0001, gid: 0x7000_0001 }, 20_000);
	});
});

describe("the process table", () => {
	it("knows a live process by its start and its arguments, and a dead one not at all", async () => {
		const child = spawn("sleep", ["61.25"]);
		await once(child, "spawn");
		const pid = child.pid ?? 0;
		expect(processStart(pid)).toBe(processStart(pid));
		expect([isRunning(pid), isAlive(pid, "61.25"), isAlive(pid, "other")]).toEqual([true, true, false]);
		child.kill("SIGKILL");
		await once(child, "exit");
		expect([processStart(pid), isRunning(pid), isAlive(pid, "61.25")]).toEqual([undefined, false, false]);
	});
});
