/** A person's command holds its session's lease: what that means when everything dies, and when the node is not to be had. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Klaw, NAMESPACE, until } from "./klaw-process.ts";

const SOON_MS = 30_000;

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
	await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "shell" }, spec: { model: "offline/shell" } });
	await klaw.createTask("worker", { agent: "shell", prompt: "$ echo begun > runs" });
	await klaw.taskEnd("worker");
});
afterAll(() => klaw?.remove());

const exec = (script: string) => ["exec", "worker", "--", "sh", "-c", script];
const runs = async () => (await klaw.cli(exec("cat runs"))).stdout;

async function hasNode(): Promise<boolean> {
	return (await klaw.api("GET", `${NAMESPACE}/sessions/worker`)).body.status.node !== undefined;
}

it("kill -9 of everything in the middle of it: it does not run again, and the lease is given back", async () => {
	const killed = klaw.command(exec("echo ran >> runs; sleep 600"));
	await until(async () => (await runs()) === "begun\nran\n", SOON_MS);
	await klaw.kill();
	expect(await killed.ended).toBe(1);
	await klaw.start();
	await until(async () => !(await hasNode()), 2 * SOON_MS);
	expect(await runs()).toBe("begun\nran\n");
});

it("a drain waits for it, and no other begins on that node before it may be used again", async () => {
	const running = klaw.command(exec("until [ -e go ]; do sleep 0.05; done; echo went on"));
	await until(hasNode, SOON_MS);
	const drain = klaw.command(["drain", "local", "--ignore-daemonsets", "--delete-emptydir-data"]);
	await until(() => drain.stdout.includes("evicting pod default/worker"), SOON_MS);
	const root = join(klaw.data, "node", "workspaces");
	const [workspace = ""] = (await readdir(root)).filter((name) => name.startsWith("default.worker."));
	await writeFile(join(root, workspace, "go"), "");
	expect([await running.ended, running.stdout, await drain.ended]).toEqual([0, "went on\n", 0]);

	const waiting = klaw.command(exec("cat runs"));
	await until(() => waiting.stderr.includes("0/1 nodes are available: 1 node(s) were unschedulable."), SOON_MS);
	await klaw.cli(["uncordon", "local"]);
	expect([await waiting.ended, waiting.stdout]).toEqual([0, "begun\nran\n"]);
});

/** Each session of it may keep 1 MiB. */
async function smallAgent(): Promise<void> {
	const spec = { model: "offline/shell", resources: { limits: { "ephemeral-storage": "1Mi" } } };
	await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "small" }, spec });
}

it("over the ceiling of the workspace says so to whoever typed it, and binds the session to its node", async () => {
	await smallAgent();
	await klaw.createTask("full", { agent: "small", prompt: "$ echo 1 > f" });
	await klaw.taskEnd("full");
	const { code, stderr } = await klaw.cli(["exec", "full", "--", "sh", "-c", "head -c 2000000 /dev/urandom > big"]);
	expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^klaw: The workspace has .*over its ceiling of .*big/) });
});

it("cp of a file that is larger than the ceiling says that it is in no checkpoint, and the last one stays until it fits again", async () => {
	await smallAgent();
	await klaw.createTask("copied", { agent: "small", prompt: "$ echo 1 > f" });
	await klaw.taskEnd("copied");
	const checkpoints = async () => (await klaw.cli(["checkpoint", "list", "copied", "-o", "name"])).stdout;
	const before = await checkpoints();
	await writeFile(join(klaw.dir, "big"), Buffer.alloc(2_000_000));
	const { code, stderr } = await klaw.cli(["cp", "big", "copied:big"]);
	expect({ code, stderr }).toEqual({
		code: 0,
		stderr: expect.stringMatching(
			/^klaw: The workspace has 1\.9 MiB, over its ceiling of 1\.0 MiB, so it was not checkpointed; the last checkpoint stands\. Largest: big \(1\.9 MiB\).*\n$/,
		),
	});
	expect(await checkpoints()).toBe(before);
	expect((await klaw.cli(["get", "sessions", "copied", "-o", "wide"])).stdout).toContain("False (OverCeiling, only on local)");

	await klaw.cli(["exec", "copied", "--", "rm", "big"]);
	await until(async () => !(await klaw.cli(["get", "sessions", "copied", "-o", "wide"])).stdout.includes("OverCeiling"), SOON_MS);
	expect(await checkpoints()).toBe(before);
});
