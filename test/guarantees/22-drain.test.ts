import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Json, Klaw, lines, NAMESPACE, until } from "../e2e/klaw-process.ts";
import { kubectl } from "../e2e/kubectl.ts";
import { journal } from "../e2e/session-events.ts";

const SOON_MS = 30_000;

let klaw: Klaw;
beforeAll(async () => {
	klaw = await Klaw.start();
});
afterAll(() => klaw?.remove());
afterEach(() => kubectl(klaw, "uncordon", "local"));

const file = (name: string) => join(klaw.dir, name);

/** A task that is in the middle of its first command, which goes on until it is let go, and has another one to come. */
async function inMidCommand(name: string) {
	const effects = file(name);
	const first = `echo $$ > ${effects}.pid; echo begun >> ${effects}; until [ -e ${effects}.go ]; do sleep 0.05; done; echo ended >> ${effects}`;
	await klaw.createTask(name, { prompt: `$ ${first}\n$ echo next >> ${effects}` });
	await until(async () => (await lines(effects)).length === 1, SOON_MS);
	const pid = Number(readFileSync(`${effects}.pid`, "utf8"));
	return {
		letGo: () => writeFile(`${effects}.go`, ""),
		runs: () => existsSync(`/proc/${pid}`),
		done: () => lines(effects),
	};
}

const session = async (name: string): Promise<Json> => (await klaw.api("GET", `${NAMESPACE}/sessions/${name}`)).body.status;

it("a drain waits until the call that runs is through, and nothing begins on the node after it", async () => {
	const work = await inMidCommand("waits");
	const drain = kubectl(klaw, "drain", "local");
	// The node is cordoned, and the session knows that its machine is wanted back.
	await until(async () => (await journal(klaw, "waits")).some(({ event }) => event.type === "lease.recalled"), SOON_MS);
	expect([work.runs(), await work.done()]).toEqual([true, ["begun"]]);
	await work.letGo();
	expect(await drain).toEqual({
		...{ code: 0, stderr: "" },
		stdout: "node/local cordoned\nevicting pod default/waits\npod/waits evicted\nnode/local drained\n",
	});
	await until(async () => (await session("waits")).phase === "Waiting", SOON_MS);
	expect((await session("waits")).waitingFor).toBe("0/1 nodes are available: 1 node(s) were unschedulable.");
	expect(await work.done()).toEqual(["begun", "ended"]);
	await kubectl(klaw, "uncordon", "local");
	expect(await klaw.taskEnd("waits", SOON_MS)).toMatchObject({ phase: "Succeeded" });
	expect(await work.done()).toEqual(["begun", "ended", "next"]);
});

it("a drain that runs out of time says what remains, and touches nothing", async () => {
	const work = await inMidCommand("remains");
	const { code, stderr } = await kubectl(klaw, "drain", "local", "--timeout=1s");
	expect(code).toBe(1);
	expect(stderr).toContain(
		'There are pending nodes to be drained:\n local\nerror when waiting for pod "remains" in namespace "default" to terminate:',
	);
	const own = await klaw.cli(["drain", "local", "--timeout=1s"]);
	expect(own.code).toBe(1);
	expect(own.stderr).toMatch(/^default\/remains is still there: bash has been running for \ds$/m);
	expect([work.runs(), await work.done()]).toEqual([true, ["begun"]]);
	await kubectl(klaw, "uncordon", "local");
	await work.letGo();
	expect(await klaw.taskEnd("remains", SOON_MS)).toMatchObject({ phase: "Succeeded" });
	expect(await work.done()).toEqual(["begun", "ended", "next"]);
});

it.each(["kubectl", "klaw"])("%s drain with a grace period cuts what still runs after it, and everybody is told", async (program) => {
	const name = `ended-by-${program}`;
	const work = await inMidCommand(name);
	const argv = ["drain", "local", "--grace-period=1"];
	const { code, stderr } = await (program === "klaw" ? klaw.cli(argv) : kubectl(klaw, ...argv));
	expect(code).toBe(0);
	if (program === "klaw") expect(stderr).toMatch(new RegExp(`^cut bash of default/${name} after \\ds$`, "m"));
	await until(() => !work.runs(), SOON_MS);
	await kubectl(klaw, "uncordon", "local");
	const { phase, result } = await klaw.taskEnd(name, SOON_MS);
	expect(phase).toBe("Succeeded");
	expect(result).toContain("outcome unknown: it was cut, because its machine was wanted back (evicted by ");
	expect(await work.done()).toEqual(["begun", "next"]);
});

/** A session that is asleep, with a good checkpoint, and over its ceiling since. */
async function overItsCeiling(name: string): Promise<void> {
	const resources = { limits: { "ephemeral-storage": "1Mi" } };
	await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "small" }, spec: { resources } });
	// Not in one file, which has a limit of its own.
	const over = 'for i in 1 2 3; do head -c 700000 /dev/zero > "big$i"; done; echo new > later';
	await klaw.createTask(name, { agent: "small", prompt: `$ echo good > kept\n$ ${over}` });
	expect((await klaw.taskEnd(name, SOON_MS)).result).toContain("over its ceiling of 1.0 MiB");
	await until(async () => (await session(name)).phase === "Idle", SOON_MS);
}

it.each(["kubectl", "klaw"])(
	"%s drain refuses to lose files that are in no checkpoint, and does it when it is told to",
	async (program) => {
		const name = `over-by-${program}`;
		const drain = (...flags: string[]) =>
			program === "klaw" ? klaw.cli(["drain", "local", ...flags]) : kubectl(klaw, "drain", "local", ...flags);
		await overItsCeiling(name);
		expect(await session(name)).toMatchObject({
			workspaceNode: "local",
			conditions: [{ type: "Checkpointed", status: "False", reason: "OverCeiling", message: expect.stringContaining("on node local") }],
		});
		expect((await kubectl(klaw, "get", "sessions", name, "-o", "wide")).stdout).toContain("False (OverCeiling, only on local)");
		const described = (await kubectl(klaw, "describe", "session", name)).stdout;
		expect(described).toMatch(/Warning +OverCeiling .* The workspace has 2\.0 MiB, over its ceiling of 1\.0 MiB/);
		// It holds nothing of the node, and is seen there.
		const node = (await kubectl(klaw, "describe", "node", "local")).stdout;
		expect(node).toMatch(new RegExp(`^ +default +${name} +0 \\(0%\\)`, "m"));

		const refused = await drain();
		expect(refused.code).toBe(1);
		const refusal = `cannot delete Pods with local storage (use --delete-emptydir-data to override): default/${name}`;
		expect(refused.stderr).toContain(refusal);
		expect((await session(name)).workspaceNode).toBe("local");

		const take = () => drain("--delete-emptydir-data", "--timeout=30s");
		let drained = await take();
		// kubectl does not say what it saw, so it may not have seen what is new.
		const isNew = () => program === "kubectl" && drained.stderr.includes("whoever evicts it gives them up");
		await until(async () => {
			if (isNew()) drained = await take();
			return !isNew();
		}, 2 * SOON_MS);
		expect([drained.code, drained.stdout]).toEqual([0, expect.stringMatching(/node\/local drained\n$/)]);
		expect(await session(name)).not.toHaveProperty("workspaceNode");
		expect((await kubectl(klaw, "describe", "session", name)).stdout).toMatch(/Warning +WorkspaceAbandoned .* given up: evicted by /);

		await kubectl(klaw, "uncordon", "local");
		const { stdout } = await klaw.cli(["dispatch", "--session", name, "--wait", "$ ls; cat kept"]);
		expect(stdout).toMatch(/were in no checkpoint, and were given up \(evicted by .*\)\. The files are those of checkpoint [0-9a-f]{12}/);
		expect(stdout).toMatch(/^kept\ngood$/m);
	},
);
