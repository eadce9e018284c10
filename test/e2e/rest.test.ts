import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processesWith } from "../../containers/node/process/process-table.ts";
import { JoinedMachine } from "./joined-machine.ts";
import { Klaw, NAMESPACE, until } from "./klaw-process.ts";

const SOON_MS = 30_000;

let klaw: Klaw;
let machine: JoinedMachine;
beforeAll(async () => {
	klaw = await Klaw.start();
	await chmod(klaw.dir, 0o711);
	machine = await JoinedMachine.join(klaw, "joined", "--labels", "disk=ssd");
	await klaw.api("POST", `${NAMESPACE}/agents`, { metadata: { name: "away" }, spec: { nodeSelector: { disk: "ssd" } } });
	await klaw.api("POST", `${NAMESPACE}/agents`, {
		metadata: { name: "here" },
		spec: { nodeSelector: { "kubernetes.io/hostname": "local" } },
	});
});
afterAll(async () => {
	await machine?.kill();
	await klaw?.remove();
});

/** Directory of a session's files on a node with this data directory; `undefined` when there is none yet. */
function workspaceIn(data: string, session: string): string | undefined {
	const root = join(realpathSync(data), "workspaces");
	const name = readdirSync(root).find((each) => each.startsWith(`default.${session}.`));
	return name && join(root, name);
}

/** How many processes of a session there are. */
function running(data: string, session: string): number {
	const workspace = workspaceIn(data, session);
	return workspace === undefined ? 0 : processesWith([`KLAW_WORKSPACE=${workspace}`]).length;
}

/** Commands: one leaves something running, the next waits for a file `go`. */
const LEAVES = [
	"$ sleep 400 & setsid sleep 401 > /dev/null 2>&1 & echo kept > file",
	"$ touch begun; until [ -e go ]; do sleep 0.05; done",
].join("\n");

/** It runs the second of them. */
async function begun(data: string, session: string): Promise<void> {
	await until(async () => existsSync(join(workspaceIn(data, session) ?? "/nowhere", "begun")), SOON_MS);
	expect(running(data, session)).toBeGreaterThanOrEqual(3);
}

describe("what a session leaves running in the background", () => {
	it("ends when the agent has answered, with the files left as they are, and nothing of another session's ends with it", async () => {
		const local = join(klaw.data, "node");
		await klaw.createTask("goes", { agent: "here", prompt: LEAVES });
		await klaw.createTask("stays", { agent: "here", prompt: LEAVES });
		await Promise.all(["goes", "stays"].map((session) => begun(local, session)));
		await writeFile(join(workspaceIn(local, "goes") ?? "", "go"), "");
		expect(await klaw.taskEnd("goes", SOON_MS)).toMatchObject({ phase: "Succeeded" });
		await until(async () => running(local, "goes") === 0, SOON_MS);
		expect(running(local, "stays")).toBeGreaterThanOrEqual(3);
		expect((await klaw.cli(["dispatch", "--session", "goes", "--wait", "$ cat file"])).stdout).toContain("kept");
		await writeFile(join(workspaceIn(local, "stays") ?? "", "go"), "");
		await until(async () => running(local, "stays") === 0, SOON_MS);
	});

	it("ends on a machine whose runtime was dead when the lease ended, once it is back, though workerd died in between", async () => {
		await klaw.createTask("cancelled", { agent: "away", prompt: LEAVES });
		await begun(machine.data, "cancelled");
		await machine.killRuntime();
		await klaw.api("POST", `${NAMESPACE}/tasks/cancelled/cancel`, { reason: "changed my mind" });
		expect(await klaw.taskEnd("cancelled", SOON_MS)).toMatchObject({ phase: "Cancelled" });
		expect(running(machine.data, "cancelled")).toBeGreaterThanOrEqual(3);
		const workerd = pidOf("workerd");
		process.kill(workerd, "SIGKILL");
		await until(async () => ![workerd, 0].includes(pidOf("workerd")), SOON_MS);
		await machine.restart();
		await until(async () => running(machine.data, "cancelled") === 0, SOON_MS);
		expect(readFileSync(join(workspaceIn(machine.data, "cancelled") ?? "", "file"), "utf8")).toBe("kept\n");
	});
});

function pidOf(name: string): number {
	const children: { name: string; pid: number }[] = JSON.parse(readFileSync(join(klaw.data, "run", "children.json"), "utf8"));
	return children.find((child) => child.name === name)?.pid ?? 0;
}
