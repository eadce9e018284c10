import { describe, expect, test } from "vitest";
import type { NodeRecord } from "../../../durable-objects/ports.ts";
import { causesIn, headings, printed } from "../test-kind.ts";
import { type MachineRecord, nodeFromRecord, withLeases } from "./from-record.ts";
import { nodeKind } from "./kind.ts";

const CREATED_AT = Date.UTC(2026, 10, 22, 8);
const record: NodeRecord = {
	name: "local",
	uid: "u",
	incarnation: 1,
	ready: true,
	capacity: { cpu: 2.5, memory: 4 * 2 ** 30, slots: 8 },
	labels: { zone: "a" },
	version: "v0.1.0",
	os: "linux",
	arch: "x64",
	createdAt: CREATED_AT,
	transitionAt: CREATED_AT,
	leases: [
		{ id: "l2", session: "default/b", node: "local", incarnation: 1, expiresAt: CREATED_AT },
		{ id: "l1", session: "default/a", node: "local", incarnation: 1, expiresAt: CREATED_AT },
	],
	allocated: { cpu: 0.2, memory: 2 ** 28, slots: 2 },
};

const shown = (known: NodeRecord) => withLeases(nodeFromRecord(known, undefined), known);

test("a node shows what the dispatcher knows of it", () => {
	expect(shown(record).status).toMatchObject({
		capacity: { cpu: "2500m", memory: "4Gi", pods: "8" },
		allocated: { cpu: "200m", memory: "256Mi", pods: "2" },
		sessions: ["default/a", "default/b"],
	});
});

test("a node that offers more than its machine has says so with the numbers, and since when", () => {
	const liar: MachineRecord = { ...record, detected: { cpu: 2, memory: 3 * 2 ** 30, ephemeralStorage: 2 ** 30, slots: 16 } };
	const first = nodeFromRecord(liar, undefined);
	expect(first.status.conditions).toMatchObject([
		{
			type: "CapacityOverstated",
			status: "True",
			message: expect.stringContaining("than its machine was found to have: cpu=2500m of 2, memory=4Gi of 3Gi."),
			lastTransitionTime: "2026-11-22T08:00:00Z",
		},
		{ type: "Ready" },
	]);
	const later = nodeFromRecord({ ...liar, transitionAt: CREATED_AT + 60_000 }, first);
	expect(later.status.conditions[0]?.lastTransitionTime).toBe("2026-11-22T08:00:00Z");
	const honest = nodeFromRecord({ ...liar, capacity: { cpu: 2, memory: 2 ** 30, slots: 99 } }, later);
	expect(honest.status.conditions).toMatchObject([{ type: "Ready" }]);
});

describe("a node says how it stands", () => {
	const standing = (known: Partial<MachineRecord>) => {
		const { spec, status } = nodeFromRecord({ ...record, ...known }, undefined);
		const [ready] = status.conditions;
		return [ready?.status, ready?.reason, (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)];
	};

	test.each([
		["that answers", {}, ["True", "NodeReady", []]],
		[
			"that starts",
			{ ready: false, state: "NotReady" as const, reason: "ContainerStarting" },
			["False", "ContainerStarting", ["node.kubernetes.io/not-ready:NoSchedule", "node.kubernetes.io/not-ready:NoExecute"]],
		],
		[
			"that fell silent",
			{ ready: false, state: "Unknown" as const },
			["Unknown", "NodeStatusUnknown", ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]],
		],
		[
			"of an older record that does not answer",
			{ ready: false },
			["Unknown", "NodeStatusUnknown", ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"]],
		],
	])("one %s", (_, known, expected) => {
		expect(standing(known)).toEqual(expected);
	});

	test("and since when, and when it was last heard of", () => {
		const known = { ...record, heardAt: CREATED_AT + 7_000 };
		expect(shown(known).status.conditions).toEqual([
			expect.objectContaining({ lastHeartbeatTime: "2026-11-22T08:00:07Z", lastTransitionTime: "2026-11-22T08:00:00Z" }),
		]);
	});
});

test("a node has the labels that every node of Kubernetes has, which its machine's own win over", () => {
	expect(shown(record).metadata.labels).toEqual({
		zone: "a",
		"kubernetes.io/hostname": "local",
		"kubernetes.io/os": "linux",
		"kubernetes.io/arch": "amd64",
	});
	const own = { ...record, hostname: "box", labels: { "kubernetes.io/arch": "arm64" } };
	expect(shown(own).metadata.labels).toMatchObject({ "kubernetes.io/hostname": "box", "kubernetes.io/arch": "arm64" });
});

test("what its machine knows of itself is shown as kubectl prints it", () => {
	const machine = {
		...{ osImage: "Debian GNU/Linux 12 (bookworm)", kernelVersion: "6.1.0", sandbox: "user", bootId: "b", hostname: "box" },
		addresses: [{ type: "InternalIP", address: "10.0.0.5" }],
		capacity: { ...record.capacity, ephemeralStorage: 10 * 2 ** 30 },
		allocated: { ...record.allocated, ephemeralStorage: 2 ** 30 },
	};
	const { status } = shown({ ...record, ...machine });
	expect(status.nodeInfo).toEqual({
		kubeletVersion: "v0.1.0",
		operatingSystem: "linux",
		architecture: "amd64",
		osImage: "Debian GNU/Linux 12 (bookworm)",
		kernelVersion: "6.1.0",
		containerRuntimeVersion: "klaw-sandbox://user",
		machineID: "u",
		systemUUID: "u",
		bootID: "b",
	});
	expect(status.addresses).toEqual([
		{ type: "InternalIP", address: "10.0.0.5" },
		{ type: "Hostname", address: "box" },
	]);
	expect(status.allocatable["ephemeral-storage"]).toBe("10Gi");
	expect(status.allocated["ephemeral-storage"]).toBe("1Gi");
});

test("taints of the machine are put on it once, and afterwards people's own count", () => {
	const known = { ...record, taints: [{ key: "gpu", value: "yes", effect: "NoSchedule" as const }] };
	const node = nodeFromRecord(known, undefined);
	expect(node.spec.taints).toEqual([{ key: "gpu", value: "yes", effect: "NoSchedule" }]);
	expect(nodeFromRecord(known, { ...node, spec: {} }).spec.taints).toBeUndefined();
});

test.each([
	[
		"an unknown effect",
		{ taints: [{ key: "a", effect: "Never" }] },
		/^spec\.taints\[0\]\.effect FieldValueNotSupported: Unsupported value: "Never"/,
	],
	["a taint without a key", { taints: [{ effect: "NoSchedule" }] }, /^spec\.taints\[0\]\.key FieldValueRequired: /],
	["unschedulable as text", { unschedulable: "yes" }, /^spec\.unschedulable FieldValueTypeInvalid: /],
])("%s is refused", (_, spec, cause) => {
	expect(causesIn(nodeKind, { spec })).toEqual([expect.stringMatching(cause)]);
});

describe("columns", () => {
	test("are Kubernetes', and then klaw's own", () => {
		expect(headings(nodeKind)).toBe("NAME  STATUS  ROLES  AGE  VERSION");
		expect(headings(nodeKind, true)).toBe(
			"NAME  STATUS  ROLES  AGE  VERSION  INTERNAL-IP  EXTERNAL-IP  OS-IMAGE  KERNEL-VERSION  CONTAINER-RUNTIME  OS-ARCH  CPU  MEMORY  SLOTS  SESSIONS",
		);
	});

	const rest = "<none>  <none>  <unknown>  <unknown>  <unknown>  linux-amd64  2500m  4.0Gi  8  2";

	test.each([
		["that answers", record, `local  Ready  <none>  5m  v0.1.0  ${rest}`],
		["that does not answer", { ...record, ready: false }, `local  NotReady  <none>  5m  v0.1.0  ${rest}`],
		[
			"with roles",
			{
				...record,
				labels: { zone: "a", "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "gpu", "node-role.kubernetes.io/": "" },
			},
			`local  Ready  gpu,worker  5m  v0.1.0  ${rest}`,
		],
	])("of a node %s", (_, known, line) => {
		expect(printed(nodeKind, shown(known))).toBe(line);
	});

	test("of a node that is cordoned", () => {
		const node = shown(record);
		expect(printed(nodeKind, { ...node, spec: { unschedulable: true } })).toContain("local  Ready,SchedulingDisabled  <none>");
	});
});
