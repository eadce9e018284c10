import { describe, expect, test } from "vitest";
import { causesIn, headings, printed } from "../test-kind.ts";
import { nodeFromRecord, withLeases } from "./from-record.ts";
import { nodeKind } from "./kind.ts";

const CREATED_AT = Date.UTC(2026, 10, 22, 8);
const record = {
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

const shown = (known: typeof record) => withLeases(nodeFromRecord(known, undefined), known);

test("a node shows what the dispatcher knows of it", () => {
	expect(shown(record).status).toMatchObject({
		capacity: { cpu: "2500m", memory: "4194304Ki", pods: "8" },
		allocated: { cpu: "200m", memory: "262144Ki", pods: "2" },
		sessions: ["default/a", "default/b"],
	});
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

	const rest = "<none>  <none>  <unknown>  <unknown>  <unknown>  linux-x64  2500m  4.0Gi  8  2";

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
