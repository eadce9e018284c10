import { describe, expect, test } from "vitest";
import { toTable } from "../api/table.ts";
import { agentKind } from "./agent/kind.ts";
import { agentSpecSchema } from "./agent/schema.ts";
import type { KindDefinition } from "./kind.ts";
import { nodeFromRecord } from "./node/from-record.ts";
import { nodeKind } from "./node/kind.ts";
import { findKind, KINDS } from "./registry.ts";
import type { Resource } from "./resource.ts";
import { sessionKind } from "./session/kind.ts";
import { taskKind } from "./task/kind.ts";

const NOW = Date.UTC(2026, 10, 22, 8, 5);
const metadata = {
	name: "x",
	namespace: "default",
	uid: "u",
	resourceVersion: "1",
	generation: 1,
	creationTimestamp: "2026-11-22T08:00:00Z",
};

function cells(kind: KindDefinition, spec: unknown, status: unknown, more: Partial<Resource["metadata"]> = {}) {
	const object = { apiVersion: "v1", kind: kind.kind, metadata: { ...metadata, ...more }, spec, status };
	const { columnDefinitions, rows } = toTable(kind, [object], { resourceVersion: "1", now: NOW });
	return Object.fromEntries(columnDefinitions.map(({ name }, index) => [name, rows[0]?.cells[index]]));
}

const shown = (kind: KindDefinition, wide: boolean) => [
	"Name",
	...kind.columns.filter(({ priority = 0 }) => wide || priority === 0).map(({ name }) => name),
];

test("a kind is found by group, version and plural", () => {
	expect(findKind("klaw.sh", "v1", "agents")).toBe(agentKind);
	expect(findKind("", "v1", "nodes")).toBe(nodeKind);
	expect(findKind("klaw.sh", "v1", "nodes")).toBeUndefined();
});

test("no two kinds share a name", () => {
	const names = KINDS.flatMap(({ plural, singular, shortNames }) => [plural, singular, ...shortNames]);
	expect(new Set(names).size).toBe(names.length);
});

describe("columns", () => {
	test("of agents", () => {
		expect(shown(agentKind, false)).toEqual(["Name", "Status", "Model", "Last Run", "Age"]);
		expect(shown(agentKind, true)).toEqual([...shown(agentKind, false), "Tools", "Sessions", "Revision"]);
		const status = {
			revision: "abc",
			observedGeneration: 1,
			phase: "Running",
			sessions: 2,
			lastRun: { phase: "Failed", time: "2026-11-22T08:02:00Z" },
		};
		expect(cells(agentKind, agentSpecSchema.parse({ model: "offline/shell", tools: ["bash", "read"] }), status)).toEqual({
			Name: "x",
			Status: "Running",
			Model: "offline/shell",
			"Last Run": "Failed (3m ago)",
			Age: "5m",
			Tools: "bash,read",
			Sessions: 2,
			Revision: "abc",
		});
		expect(cells(agentKind, agentSpecSchema.parse({}), { revision: "abc", observedGeneration: 1 })).toMatchObject({
			Model: "<default>",
			"Last Run": "<none>",
			Tools: "<all>",
			Sessions: 0,
		});
	});

	test("of tasks", () => {
		expect(shown(taskKind, false)).toEqual(["Name", "Agent", "Status", "Runtime", "Age"]);
		expect(shown(taskKind, true)).toEqual([...shown(taskKind, false), "Waiting For"]);
		const spec = { prompt: "p", agent: "coder" };
		expect(cells(taskKind, spec, { phase: "Pending", session: "x" })).toMatchObject({ Status: "Pending", Runtime: "<none>" });
		const running = { phase: "Running", session: "x", startTime: "2026-11-22T08:04:18.000Z" };
		expect(cells(taskKind, spec, running)).toMatchObject({ Status: "Running", Runtime: "42s" });
		expect(cells(taskKind, spec, { ...running, waitingFor: "room" })).toMatchObject({ Status: "Waiting", "Waiting For": "room" });
		expect(cells(taskKind, spec, { ...running, phase: "Succeeded", completionTime: "2026-11-22T08:04:20.500Z" })).toMatchObject({
			Runtime: "2s",
		});
	});

	test("of sessions", () => {
		expect(shown(sessionKind, false)).toEqual(["Name", "Agent", "Status", "Node", "Last Run", "Age"]);
		expect(shown(sessionKind, true)).toEqual([...shown(sessionKind, false), "Waiting For"]);
		const status = { phase: "Waiting", node: "local", lastRun: { phase: "Succeeded", completionTime: "2026-11-22T08:04:00Z" } };
		expect(cells(sessionKind, { agent: "coder" }, status)).toMatchObject({
			Status: "Waiting",
			Node: "local",
			"Last Run": "Succeeded (60s ago)",
		});
		expect(cells(sessionKind, { agent: "coder" }, { phase: "Idle" })).toMatchObject({ Node: "<none>", "Last Run": "<none>" });
		expect(cells(sessionKind, {}, { phase: "Idle" }, { deletionTimestamp: "2026-11-22T08:04:00Z" })).toMatchObject({
			Status: "Terminating",
		});
	});

	test("of nodes", () => {
		expect(shown(nodeKind, false)).toEqual(["Name", "Status", "Age", "Version"]);
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
			createdAt: NOW - 60_000,
			transitionAt: NOW - 60_000,
			leases: [
				{ id: "l2", session: "default/b", node: "local", incarnation: 1, expiresAt: NOW },
				{ id: "l1", session: "default/a", node: "local", incarnation: 1, expiresAt: NOW },
			],
			allocated: { cpu: 0.2, memory: 2 ** 28, slots: 2 },
		};
		const node = nodeFromRecord(record);
		expect(node.status).toMatchObject({
			capacity: { cpu: "2500m", memory: "4194304Ki", pods: "8" },
			allocated: { cpu: "200m", memory: "262144Ki", pods: "2" },
			sessions: ["default/a", "default/b"],
		});
		const { rows } = toTable(nodeKind, [node, nodeFromRecord({ ...record, ready: false })], { resourceVersion: "1", now: NOW });
		expect(rows.map((row) => row.cells)).toEqual([
			["local", "Ready", "60s", "v0.1.0", "linux-x64", "2500m", "4.0Gi", "8", 2],
			["local", "NotReady", "60s", "v0.1.0", "linux-x64", "2500m", "4.0Gi", "8", 2],
		]);
	});
});
