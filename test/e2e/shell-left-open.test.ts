/** A shell that somebody has left open, on a node that is wanted back: it is in nobody's way for longer than 30 s. */
import { chmod } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { JoinedMachine } from "./joined-machine.ts";
import { type Json, Klaw, NAMESPACE, until } from "./klaw-process.ts";
import type { RunningCommand } from "./running-command.ts";
import { journal } from "./session-events.ts";

const SOON_MS = 30_000;
/** More than a shell is given. */
const CUT_MS = 60_000;

let klaw: Klaw;
const machines: JoinedMachine[] = [];
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--node-capacity", "cpu=2,memory=8Gi,slots=8"] });
	// Sessions that are users of their own must get to what is theirs.
	await chmod(klaw.dir, 0o711);
	machines.push(...(await Promise.all(["one", "two"].map((name) => JoinedMachine.join(klaw, name, "--labels", "disk=ssd")))));
	for (const [name, value] of [["low", 10] as const, ["urgent", 1_000] as const])
		await create("/apis/scheduling.k8s.io/v1/priorityclasses", { metadata: { name }, value });
	const whole = { resources: { requests: { cpu: "2" } }, nodeSelector: { "kubernetes.io/hostname": "local" } };
	for (const name of ["low", "urgent"])
		await create(`${NAMESPACE}/agents`, { metadata: { name }, spec: { ...whole, priorityClassName: name } });
	await create(`${NAMESPACE}/agents`, { metadata: { name: "moves" }, spec: { nodeSelector: { disk: "ssd" } } });
});
afterAll(async () => {
	await Promise.all(machines.map((machine) => machine.kill()));
	await klaw?.remove();
});

async function create(path: string, body: Record<string, unknown>): Promise<void> {
	const answer = await klaw.api("POST", path, body);
	if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}

const session = async (name: string): Promise<Json> => (await klaw.api("GET", `${NAMESPACE}/sessions/${name}`)).body.status ?? {};
const exec = (name: string, script: string) => klaw.command(["exec", name, "--", "sh", "-c", script]);

/** A session in which a shell has changed a file and stays open. */
async function leaveShellOpen(name: string, agent: string): Promise<{ shell: RunningCommand; node: string }> {
	await klaw.createTask(name, { agent, prompt: "$ true" });
	await klaw.taskEnd(name, SOON_MS);
	const shell = exec(name, "echo changed > file; echo open; sleep 900");
	await until(() => shell.stdout === "open\n", SOON_MS);
	return { shell, node: (await session(name)).node };
}

it.concurrent("it is cut for a session of higher priority, which gets the node; who left it is told, and what it changed is kept", async () => {
	const { shell } = await leaveShellOpen("left", "low");
	await klaw.createTask("urgent", { agent: "urgent", prompt: "$ echo ran" });
	expect(await klaw.taskEnd("urgent", CUT_MS)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("\nran") });
	expect([await shell.ended, shell.stderr]).toEqual([
		1,
		"error: The command was cut, because its machine was wanted back: preempted by a session of higher priority\n",
	]);
	const look = exec("left", "cat file");
	expect([await look.ended, look.stdout]).toEqual([0, "changed\n"]);
});

it.concurrent("it is cut for the next call of its own session on another node, which says what it waits for and then has the files", async () => {
	const { shell, node } = await leaveShellOpen("moved", "moves");
	const drain = klaw.command(["drain", node, "--ignore-daemonsets", "--delete-emptydir-data"]);
	await until(async () => (await journal(klaw, "moved")).some(({ event }) => event.type === "lease.recalled"), SOON_MS);
	await klaw.createTask("next", { session: "moved", prompt: "$ cat file" });
	await until(async () => (await session("moved")).phase === "Waiting", SOON_MS);
	expect((await session("moved")).waitingFor).toMatch(/^the machine is wanted back \(evicted by .+\); a command of .+ runs there$/);
	expect(shell.pid).toBeDefined();

	expect(await klaw.taskEnd("next", CUT_MS)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("\nchanged") });
	expect([await shell.ended, shell.stderr]).toEqual([
		1,
		expect.stringMatching(/^error: The command was cut, because its machine was wanted back: evicted by .+\n$/),
	]);
	expect([await drain.ended, drain.stdout]).toEqual([0, expect.stringMatching(/drained\n$/)]);
});
