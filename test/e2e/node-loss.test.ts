import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { JoinedMachine } from "./joined-machine.ts";
import { type Json, Klaw, lines, NAMESPACE, until } from "./klaw-process.ts";
import { kubectl, section } from "./kubectl.ts";
import { journal } from "./session-events.ts";

const SOON_MS = 30_000;
/** A node is lost 40 s after it was last heard. */
const LOST_MS = 90_000;

let klaw: Klaw;
const machines: JoinedMachine[] = [];
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--no-node"] });
});
afterAll(async () => {
	for (const machine of machines) await machine.kill();
	await klaw?.remove();
});

async function add(name: string, ...flags: string[]): Promise<JoinedMachine> {
	const machine = await JoinedMachine.join(klaw, name, ...flags);
	machines.push(machine);
	return machine;
}

const file = (name: string) => join(klaw.dir, name);
const node = async (name: string): Promise<Json> => (await klaw.api("GET", `/api/v1/nodes/${name}`)).body;
const ready = async (name: string) => (await node(name)).status.conditions.find(({ type }: Json) => type === "Ready");

it.concurrent("a machine that falls silent in mid-stream is lost with its leases, its sessions go on elsewhere, and it comes back as another incarnation", async () => {
	const silent = await add("silent");
	// The one is through before its machine is heard again, the other never ends.
	const finishes = `echo $$ > ${file("finishes")}; echo begun >> ${file("one")}; until [ -e ${file("go")} ]; do sleep 0.05; done; echo ended >> ${file("one")}; echo $((40 + 2))-lies`;
	const hangs = `echo $$ > ${file("hangs")}; echo begun >> ${file("two")}; while :; do echo stream; sleep 0.1; done`;
	await klaw.createTask("finishes", { prompt: `$ ${finishes}\n$ echo next >> ${file("one")}` });
	const watched = klaw.command(["dispatch", "--name", "hangs", "--wait", `$ ${hangs}\n$ echo next >> ${file("two")}`]);
	await until(async () => (await lines(file("one"))).length + (await lines(file("two"))).length === 2, SOON_MS);
	expect((await node("silent")).status.sessions).toEqual(["default/finishes", "default/hangs"]);
	await until(() => watched.stderr.includes("│ stream"), SOON_MS);

	const frozen = silent.freeze();
	await add("spare");
	await writeFile(file("go"), "");
	process.kill(-groupOf("finishes"), "SIGCONT");
	await until(async () => (await lines(file("one"))).includes("ended"), SOON_MS);

	// Long before it is lost, whoever waits for it is told. Its connection is open still.
	const waitingFor = async () => (await klaw.api("GET", `${NAMESPACE}/sessions/hangs`)).body.status.waitingFor ?? "";
	await until(async () => /^Nothing was heard of node silent since \S+Z\. It is given until \S+Z;/.test(await waitingFor()), SOON_MS);
	expect(await ready("silent")).toMatchObject({ status: "True" });
	expect((await klaw.cli(["get", "tasks"])).stdout).toMatch(/^hangs .* Waiting /m);

	await until(async () => (await ready("silent")).status !== "True", LOST_MS);
	expect(await ready("silent")).toMatchObject({
		...{ status: "Unknown", reason: "NodeLost" },
		message: "Nothing was heard of the node for 40 s. 2 leases were revoked.",
	});
	expect((await node("silent")).status.sessions).toEqual([]);
	for (const name of ["finishes", "hangs"]) {
		const { phase, result } = await klaw.taskEnd(name, SOON_MS);
		expect([phase, result]).toEqual([
			"Succeeded",
			expect.stringMatching(/outcome unknown: node silent .*, \d+ s after it began\. .* look before you do it again\./i),
		]);
	}
	expect((await klaw.taskEnd("hangs")).result).toMatch(/Output until then:\nstream\n/);
	expect(await lines(file("one"))).toEqual(["begun", "ended", "next"]);

	const left = groupOf("hangs");
	frozen.thaw();
	await until(() => silent.log.includes("Joined as node silent, incarnation 2."), SOON_MS);
	await until(async () => (await ready("silent")).status === "True", SOON_MS);
	await until(() => !existsSync(`/proc/${left}`), SOON_MS);

	// It works again, and nothing of what it knew has come through.
	await klaw.api("POST", `${NAMESPACE}/agents`, {
		metadata: { name: "back" },
		spec: { nodeSelector: { "kubernetes.io/hostname": "silent" } },
	});
	await klaw.createTask("back", { agent: "back", prompt: "$ echo works" });
	expect(await klaw.taskEnd("back", SOON_MS)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("works") });
	expect(JSON.stringify(await journal(klaw, "finishes"))).not.toContain("42-lies");
	expect(await lines(file("one"))).toEqual(["begun", "ended", "next"]);
	expect(await lines(file("two"))).toEqual(["begun", "next"]);
});

it.concurrent("a machine that is killed is missed at once by whoever waits for it, and its end is an event of the node", async () => {
	const killed = await add("killed", "--taints", "mine:NoSchedule");
	await klaw.api("POST", `${NAMESPACE}/agents`, {
		metadata: { name: "there" },
		spec: { nodeSelector: { "kubernetes.io/hostname": "killed" }, tolerations: [{ key: "mine", operator: "Exists" }] },
	});
	const dispatch = klaw.command(["dispatch", "--agent", "there", "--name", "missed", "--wait", "$ echo so far; sleep 600"]);
	await until(() => /^ {2}│ so far$/m.test(dispatch.stderr), SOON_MS);
	const logs = klaw.command(["logs", "-f", "task/missed"]);
	await killed.kill();

	const told = /Node killed is not connected since \S+Z\. It is given until \S+Z;/;
	await until(() => told.test(dispatch.stderr) && told.test(logs.stdout), SOON_MS);
	expect((await ready("killed")).reason).toBe("NodeStatusUnknown");
	const task = (await klaw.api("GET", `${NAMESPACE}/tasks/missed`)).body;
	expect(task.status).toMatchObject({ phase: "Running", waitingFor: expect.stringMatching(told) });

	const { phase, result } = await klaw.taskEnd("missed", LOST_MS);
	expect([phase, result]).toEqual(["Succeeded", expect.stringMatching(/outcome unknown: node killed .*\n\nOutput until then:\nso far/)]);
	await Promise.all([dispatch.ended, logs.ended]);
	// The seconds that it ran, not none.
	expect(logs.stdout).toMatch(/tool\.completed bash failed, \d\d+ s\n/);

	const described = [await klaw.cli(["describe", "node", "killed"]), await kubectl(klaw, "describe", "node", "killed")];
	for (const { stdout } of described)
		for (const reason of ["RegisteredNode", "NodeReady", "NodeNotReady", "NodeLost"])
			expect(section(stdout, "Events:").map((line) => line.trim().split(/ +/)[1])).toContain(reason);
	expect((await kubectl(klaw, "get", "events", "-n", "default")).stdout).toMatch(/Warning +NodeLost +node\/killed /);
	expect((await klaw.cli(["events", "--for", "node/killed"])).stdout).toMatch(
		/Warning +NodeLost +Node\/killed +Nothing was heard of the node for 40 s\./,
	);
	expect((await klaw.cli(["events", "--for", "session/missed"])).stdout).toMatch(
		/Warning +NodeNotReady +Session\/missed +Node is not ready/,
	);
});

/** The process group of a command that has left its pid in this file. */
function groupOf(name: string): number {
	const pid = readFileSync(file(name), "utf8").trim();
	return Number(execFileSync("ps", ["-o", "pgid=", "-p", pid], { encoding: "utf8" }));
}
