import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseQuantity } from "../../src/resources/quantity.ts";
import { JoinedMachine } from "./joined-machine.ts";
import { type Json, Klaw, lines, NAMESPACE, until } from "./klaw-process.ts";
import { kubectl, rows, section } from "./kubectl.ts";
import { killTree } from "./process-tree.ts";
import { journal } from "./session-events.ts";

const SOON_MS = 60_000;
const SESSIONS = 50;
/** Cores of one session. */
const CPU = 0.2;
const NODES = ["east", "gpu", "local"];

let klaw: Klaw;
const machines: JoinedMachine[] = [];
beforeAll(async () => {
	klaw = await Klaw.start({ args: ["--node-capacity", "cpu=12,memory=64Gi,slots=60"] });
	// The many leave a little room.
	const capacity = ["--capacity", "cpu=4100m,memory=8Gi,slots=30"];
	machines.push(
		...(await Promise.all([
			JoinedMachine.join(klaw, "east", "--labels", "zone=east", ...capacity),
			JoinedMachine.join(klaw, "gpu", "--labels", "zone=west", "--taints", "gpu=yes:NoSchedule", ...capacity),
		])),
	);
	const requests = { cpu: "200m", memory: "16Mi" };
	const resources = { requests: { ...requests, cpu: "50m" } };
	const agents = {
		many: { resources: { requests } },
		eastern: { resources, nodeSelector: { zone: "east" } },
		tolerant: { resources, nodeSelector: { zone: "east" }, tolerations: [{ key: "dedicated", operator: "Exists" }] },
		low: { resources: { requests: { cpu: "3", memory: "16Mi" } }, ...onGpu, priorityClassName: "low" },
		urgent: { resources: { requests: { cpu: "2", memory: "16Mi" } }, ...onGpu, priorityClassName: "urgent" },
	};
	for (const [name, value] of [["low", 10] as const, ["urgent", 1_000] as const])
		await create("/apis/scheduling.k8s.io/v1/priorityclasses", { metadata: { name }, value });
	for (const [name, spec] of Object.entries(agents)) await create(`${NAMESPACE}/agents`, { metadata: { name }, spec });
	const names = Array.from({ length: SESSIONS }, (_, n) => `many-${n}`);
	await Promise.all(names.map((name) => klaw.createTask(name, { agent: "many", prompt: "$ exec sleep 900\n$ exec sleep 900" })));
	await until(async () => (await sessionsOn("east")).length + (await sessionsOn("local")).length === SESSIONS, SOON_MS);
	await until(async () => (await pods()).filter((pod) => pod.spec.nodeName !== undefined).length === SESSIONS, SOON_MS);
});
afterAll(async () => {
	const children: { name: string; pid: number }[] = JSON.parse(readFileSync(join(klaw.data, "run", "children.json"), "utf8"));
	for (const { name, pid } of children) if (name === "node") killTree(pid);
	await Promise.all(machines.map((machine) => machine.kill()));
	await klaw.remove();
});

const onGpu = { nodeSelector: { "kubernetes.io/hostname": "gpu" }, tolerations: [{ key: "gpu", operator: "Exists" }] };
const file = (name: string) => join(klaw.dir, name);

async function create(path: string, body: Record<string, unknown>): Promise<void> {
	const answer = await klaw.api("POST", path, body);
	if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
}

const node = async (name: string): Promise<Json> => (await klaw.api("GET", `/api/v1/nodes/${name}`)).body;
const sessionsOn = async (name: string): Promise<string[]> => (await node(name)).status.sessions;
/** Until exactly these sessions are on it: a task's end is told before its lease is back. */
const areOn = (name: string, sessions: string[]) =>
	until(async () => JSON.stringify(await sessionsOn(name)) === JSON.stringify(sessions), SOON_MS);
const pods = async (): Promise<Json[]> => (await klaw.api("GET", "/api/v1/namespaces/default/pods")).body.items;
const session = async (name: string): Promise<Json> => (await klaw.api("GET", `${NAMESPACE}/sessions/${name}`)).body.status ?? {};
const waitsFor = async (name: string) => {
	await until(async () => (await session(name)).phase === "Waiting", SOON_MS);
	return (await session(name)).waitingFor;
};

/** What kubectl prints, which has nothing to complain of. */
async function said(...args: string[]): Promise<string> {
	const { code, stdout, stderr } = await kubectl(klaw, ...args);
	expect([code, stderr]).toEqual([0, ""]);
	return stdout;
}

describe(`with ${SESSIONS} sessions that run`, () => {
	it("get nodes -o wide shows each node as it is", async () => {
		const table = rows(await said("get", "nodes", "-o", "wide"));
		expect([...table.keys()]).toEqual(NODES);
		for (const [name, row] of table) {
			const { status } = await node(name);
			expect(row).toMatchObject({
				...{ STATUS: "Ready", VERSION: status.nodeInfo.kubeletVersion, "OS-IMAGE": status.nodeInfo.osImage },
				...{ CPU: status.capacity.cpu, SLOTS: status.capacity.pods, SESSIONS: String(status.sessions.length) },
			});
		}
		expect((await sessionsOn("gpu")).length).toBe(0);
		expect((await sessionsOn("east")).length).toBeGreaterThan(0);
	});

	it.each(NODES)("describe node %s lists exactly the sessions on it, and their requests add up", async (name) => {
		const text = await said("describe", "node", name);
		expect(text).not.toMatch(/error|unable|forbidden|could not/i);
		const { metadata, spec, status } = await node(name);
		const here = (await pods()).filter((pod) => pod.spec.nodeName === name);
		const names: string[] = here.map((pod) => pod.metadata.name).sort();
		expect(names.map((each) => `default/${each}`)).toEqual(status.sessions);
		const listed = section(text, "Non-terminated Pods:").slice(2);
		expect(text).toMatch(new RegExp(`^Non-terminated Pods: +\\(${names.length} in total\\)$`, "m"));
		expect(listed.map((line) => line.trim().split(/ +/)[1]).sort()).toEqual(names);
		const sum = names.length * CPU;
		const [, shown = "", percent] =
			/^ +cpu +(\S+) \((\d+)%\)/.exec(section(text, "Allocated resources:").find((line) => /^ +cpu /.test(line)) ?? "") ?? [];
		expect(parseQuantity(shown)).toBeCloseTo(sum);
		expect(parseQuantity(status.allocated.cpu)).toBeCloseTo(sum);
		expect(Number(percent)).toBe(Math.floor((sum / parseQuantity(status.capacity.cpu)) * 100 + 1e-9));
		expect(status.allocated.pods).toBe(String(names.length));
		expect(parseQuantity(status.allocated.memory)).toBe(names.length * parseQuantity("16Mi"));
		expect(text).toMatch(/^Lease:\n {2}HolderIdentity: +/m);
		expect(section(text, "Lease:")[0]?.trim().split(/ +/)).toEqual(["HolderIdentity:", name]);
		expect(section(text, "Lease:")[2]).toMatch(/RenewTime: +\w{3}, \d\d \w{3} \d{4} /);
		expect(text).toMatch(/^Unschedulable: +false$/m);
		expect(text).toContain(name === "gpu" ? "Taints:             gpu=yes:NoSchedule" : "Taints:             <none>");
		expect([metadata.name, spec.unschedulable ?? false]).toEqual([name, false]);
	});

	it("a lease of each node was renewed in the last seconds", async () => {
		const { items } = (await klaw.api("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")).body;
		expect(items.map(({ metadata }: Json) => metadata.name)).toEqual(NODES);
		for (const { spec } of items) expect(Date.now() - Date.parse(spec.renewTime)).toBeLessThan(25_000);
	});

	it("top node says what the API says", async () => {
		const metrics = async (): Promise<Json[]> => (await klaw.api("GET", "/apis/metrics.k8s.io/v1beta1/nodes")).body.items;
		const before = await metrics();
		const table = rows(await said("top", "node"));
		const after = await metrics();
		expect([...table.keys()].sort()).toEqual(NODES);
		for (const [name, row] of table) {
			const { allocatable } = (await node(name)).status;
			const [cpu, memory] = [parseQuantity(row["CPU(cores)"] ?? ""), parseQuantity(row["MEMORY(bytes)"] ?? "")];
			// It is measured when it is asked for, so kubectl saw something in between.
			const seen = [...before, ...after].filter(({ metadata }) => metadata.name === name).map(({ usage }) => usage);
			const [cpus, memories] = [seen.map((usage) => parseQuantity(usage.cpu)), seen.map((usage) => parseQuantity(usage.memory))];
			expect(seen).toHaveLength(2);
			expect(cpu).toBeGreaterThan(Math.min(...cpus) - 0.5);
			expect(cpu).toBeLessThan(Math.max(...cpus) + 0.5);
			expect(memory).toBeGreaterThan(Math.min(...memories) * 0.9);
			expect(memory).toBeLessThan(Math.max(...memories) * 1.1);
			const percent = (column: string) => Number.parseInt(row[column] ?? "", 10);
			expect(Math.abs(percent("CPU(%)") - (cpu / parseQuantity(allocatable.cpu)) * 100)).toBeLessThanOrEqual(1);
			expect(Math.abs(percent("MEMORY(%)") - (memory / parseQuantity(allocatable.memory)) * 100)).toBeLessThanOrEqual(1);
		}
	});

	it("a node that is cordoned takes nothing new until it is uncordoned", async () => {
		expect(await said("cordon", "east")).toBe("node/east cordoned\n");
		expect(rows(await said("get", "nodes")).get("east")?.STATUS).toBe("Ready,SchedulingDisabled");
		expect(await said("describe", "node", "east")).toMatch(/^Unschedulable: +true$/m);
		const before = await sessionsOn("east");
		await klaw.createTask("cordoned", { agent: "eastern", prompt: "$ echo came" });
		expect(await waitsFor("cordoned")).toBe(
			"0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were unschedulable.",
		);
		expect(await sessionsOn("east")).toEqual(before);
		expect(await said("uncordon", "east")).toBe("node/east uncordoned\n");
		expect(await klaw.taskEnd("cordoned", SOON_MS)).toMatchObject({ phase: "Succeeded", result: expect.stringContaining("came") });
		await areOn("east", before);
	});

	it("a taint keeps away who does not tolerate it, and disturbs nobody who is there", async () => {
		const before = await sessionsOn("east");
		expect(await said("taint", "node", "east", "dedicated=x:NoSchedule")).toBe("node/east tainted\n");
		await klaw.createTask("tolerates", { agent: "tolerant", prompt: "$ echo came" });
		await klaw.createTask("tainted", { agent: "eastern", prompt: "$ echo came" });
		expect(await klaw.taskEnd("tolerates", SOON_MS)).toMatchObject({ phase: "Succeeded" });
		expect(await waitsFor("tainted")).toBe(
			"0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {dedicated: x}, 1 node(s) had untolerated taint {gpu: yes}.",
		);
		await areOn("east", before);
		expect(await said("taint", "node", "east", "dedicated-")).toBe("node/east untainted\n");
		expect(await klaw.taskEnd("tainted", SOON_MS)).toMatchObject({ phase: "Succeeded" });
		await areOn("east", before);
	});

	it("a session of higher priority takes the place of one of lower priority when its call is through, and never before", async () => {
		const first = `echo $$ > ${file("pid")}; echo low begun >> ${file("order")}; until [ -e ${file("go")} ]; do sleep 0.1; done; echo low ended >> ${file("order")}`;
		await klaw.createTask("low", { agent: "low", prompt: `$ ${first}\n$ echo low next >> ${file("order")}` });
		await until(async () => (await lines(file("order"))).length === 1, SOON_MS);
		await klaw.createTask("urgent", { agent: "urgent", prompt: `$ echo urgent >> ${file("order")}` });
		expect(await waitsFor("urgent")).toMatch(
			/^0\/3 nodes are available: 1 Insufficient cpu, 2 node\(s\) didn't match Pod's node affinity\/selector\./,
		);
		await until(async () => (await journal(klaw, "low")).some(({ event }) => event.type === "lease.recalled"), SOON_MS);
		expect(existsSync(`/proc/${readFileSync(file("pid"), "utf8").trim()}`)).toBe(true);
		expect(await lines(file("order"))).toEqual(["low begun"]);
		await writeFile(file("go"), "");
		for (const name of ["urgent", "low"]) expect(await klaw.taskEnd(name, SOON_MS)).toMatchObject({ phase: "Succeeded" });
		expect(await lines(file("order"))).toEqual(["low begun", "low ended", "urgent", "low next"]);
	});

	it("a drain with a grace period empties the node, and its sessions go on elsewhere", async () => {
		const moved = await sessionsOn("east");
		const { code, stdout, stderr } = await kubectl(klaw, "drain", "east", "--grace-period=1", "--timeout=60s");
		// It sends evictions no faster than it may, and logs that.
		expect([code, stderr.replace(/^I\d{4} .*\n/gm, "")]).toEqual([0, ""]);
		expect(stdout).toMatch(/node\/east drained\n$/);
		expect([...stdout.matchAll(/^pod\/(\S+) evicted$/gm)].map(([, name]) => `default/${name}`).sort()).toEqual(moved);
		expect(await said("describe", "node", "east")).toMatch(/^Non-terminated Pods: +\(0 in total\)$/m);
		await until(async () => (await sessionsOn("local")).length === SESSIONS, SOON_MS);
		expect(rows(await said("get", "nodes", "-o", "wide")).get("east")).toMatchObject({ STATUS: "Ready,SchedulingDisabled", SESSIONS: "0" });
	});
});
