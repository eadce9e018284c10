import { existsSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { JoinedMachine } from "./joined-machine.ts";
import { Klaw, until } from "./klaw-process.ts";
import { kubectl } from "./kubectl.ts";
import { journal } from "./session-events.ts";

const SOON_MS = 30_000;
/** A node is lost 40 s after it was last heard. */
const LOST_MS = 90_000;

const MADE = [
	"mkdir -p tree/empty tree/gone; echo one > tree/one; chmod 750 tree/one; ln -s one tree/link; ln -s nowhere tree/broken",
	"rmdir tree/gone; echo two > two; echo more >> tree/one; chmod 600 two",
];
/** It has changed files when it is cut, and what it did is in no checkpoint. */
const TORN = "rm tree/link; echo torn >> two; echo torn > torn; sleep 600";
const LOOK = "export LC_ALL=C; find . -mindepth 1 -printf '%M %P>%l\\n' | sort -k 2; cat two tree/link";
const SEEN = [
	"lrwxrwxrwx tree/broken>nowhere",
	"drwxr-xr-x tree/empty>",
	"lrwxrwxrwx tree/link>one",
	"-rwxr-x--- tree/one>",
	"drwxr-xr-x tree>",
	"-rw------- two>",
	"two",
	"one",
	"more",
].join("\n");

const prompt = (...commands: string[]) => commands.map((command) => `$ ${command}`).join("\n");

describe.concurrent("a workspace", () => {
	let klaw: Klaw;
	let other: Klaw;
	const machines: JoinedMachine[] = [];
	beforeAll(async () => {
		[klaw, other] = await Promise.all([Klaw.start({ args: ["--no-node"] }), Klaw.start({ args: ["--no-node"] })]);
		// Sessions that are users of their own must get to what is theirs.
		for (const { dir } of [klaw, other]) await chmod(dir, 0o711);
	});
	afterAll(async () => {
		await Promise.all(machines.map((machine) => machine.kill()));
		await Promise.all([klaw?.remove(), other?.remove()]);
	});

	async function add(to: Klaw, name: string): Promise<JoinedMachine> {
		const machine = await JoinedMachine.join(to, name);
		machines.push(machine);
		return machine;
	}

	it("whose machine is killed in mid-command is on the next one as its finished calls left it, and the model is told", async () => {
		const dies = await add(klaw, "dies");
		await klaw.createTask("killed", { prompt: prompt(...MADE, TORN, LOOK) });
		await midCommand(dies, "killed");
		const next = await add(klaw, "next");
		await dies.kill();
		await until(async () => (await readiness(klaw, "dies")).status === "Unknown", SOON_MS);
		const status = await klaw.taskEnd("killed", LOST_MS);
		expect(status).toMatchObject({ phase: "Succeeded", iterations: 5 });
		expect(status.result).toContain(SEEN);
		expect(await toldOf(klaw, "killed", TORN)).toContain("outcome unknown: ");
		expect(await next.workspace("killed")).toBeDefined();
		expect(await readiness(klaw, "dies")).toMatchObject({ reason: "NodeLost", message: expect.stringContaining("1 lease was revoked") });
	});

	it("goes on where it was when workerd is killed in mid-command, and nothing is done twice", async () => {
		const stays = await add(other, "stays");
		const counted = "echo once >> count; until [ -e go ]; do sleep 0.05; done; echo went on";
		await other.createTask("workerd", { prompt: prompt(...MADE, counted, "cat count; rm count go", LOOK) });
		await until(async () => await has(stays, "workerd", "count"), SOON_MS);
		const workerd = pidOf(other, "workerd");
		process.kill(workerd, "SIGKILL");
		await until(() => pidOf(other, "workerd") !== workerd, SOON_MS);
		await writeFile(join((await stays.workspace("workerd")) ?? "", "go"), "");
		const status = await other.taskEnd("workerd", SOON_MS);
		expect(status).toMatchObject({ phase: "Succeeded", iterations: 6 });
		for (const part of ["went on", "\nonce\n\n", SEEN]) expect(status.result).toContain(part);

		// The same files on another machine, once this one is drained.
		const spare = await add(other, "spare");
		expect(await kubectl(other, "drain", "stays")).toMatchObject({ code: 0, stdout: expect.stringContaining("node/stays drained\n") });
		expect(await other.cli(["dispatch", "--session", "workerd", "--wait", prompt(LOOK)])).toMatchObject({
			code: 0,
			stdout: expect.stringContaining(SEEN),
		});
		expect(await spare.workspace("workerd")).toBeDefined();
		// And nowhere else.
		await until(async () => (await stays.workspace("workerd")) === undefined, SOON_MS);
	});
});

async function has(machine: JoinedMachine, session: string, file: string): Promise<boolean> {
	const workspace = await machine.workspace(session);
	return workspace !== undefined && existsSync(join(workspace, file));
}

/** Waits until {@link TORN} runs. */
async function midCommand(machine: JoinedMachine, session: string): Promise<void> {
	await until(() => has(machine, session, "torn"), SOON_MS);
}

/** What the model read as the result of a bash command. */
async function toldOf(klaw: Klaw, session: string, command: string): Promise<string> {
	const events = (await journal(klaw, session)).map(({ event }) => event);
	const asked = events.flatMap(({ type, message }) => (type === "model.completed" ? message.content : []));
	const index = asked.filter(({ type }) => type === "tool_call").findIndex((call) => JSON.parse(call.arguments).command === command);
	return events.filter(({ type }) => type === "tool.completed")[index]?.content;
}

/** A node's condition `Ready`. */
async function readiness(klaw: Klaw, node: string): Promise<{ status: string; reason: string; message: string }> {
	return (await klaw.api("GET", `/api/v1/nodes/${node}`)).body.status.conditions.find(({ type }: { type: string }) => type === "Ready");
}

function pidOf(klaw: Klaw, name: string): number {
	const children: { name: string; pid: number }[] = JSON.parse(readFileSync(join(klaw.data, "run", "children.json"), "utf8"));
	return children.find((child) => child.name === name)?.pid ?? 0;
}
