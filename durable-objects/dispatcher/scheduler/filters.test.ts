import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { GI, node, pool, request, where } from "./test-pool.ts";
import type { SchedulerNode } from "./types.ts";

type Case = [
	sentence: string,
	nodes: SchedulerNode[],
	placed: Record<string, LeaseRequest[]>,
	asked: Partial<LeaseRequest>,
	expected: string,
];

/** A refusal by one node. */
const one = (reason: string) => `0/1 nodes are available: 1 ${reason}.`;
const need = (cpu: number, memory = GI, ephemeralStorage = 0) => ({ requests: { cpu, memory, ephemeralStorage } });
const taint = (effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute", value?: string) => ({ taints: [{ key: "gpu", effect, value }] });
const mismatch = "node(s) didn't match Pod's node affinity/selector";

function required(...terms: object[]): Partial<LeaseRequest> {
	return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } };
}

describe("a node is refused", () => {
	it.each<Case>([
		["while it is not ready", [node("n", { ready: false })], {}, {}, one("node(s) were not ready")],
		["when it is cordoned", [node("n", { unschedulable: true })], {}, {}, one("node(s) were unschedulable")],
		["for a taint NoSchedule", [node("n", taint("NoSchedule", "yes"))], {}, {}, one("node(s) had untolerated taint {gpu: yes}")],
		["for a taint NoExecute", [node("n", taint("NoExecute"))], {}, {}, one("node(s) had untolerated taint {gpu: }")],
		["when it lacks a label of the selector", [node("n")], {}, { nodeSelector: { zone: "a" } }, one(mismatch)],
		["when it is full", [node("n", { capacity: { cpu: 4, memory: GI * 8, slots: 1 } })], { n: [request("x")] }, {}, one("Too many pods")],
		["when cores are short", [node("n")], { n: [request("x", need(3.6))] }, {}, one("Insufficient cpu")],
		["when memory is short", [node("n")], { n: [request("x", need(1, 7.5 * GI))] }, {}, one("Insufficient memory")],
		["when disk is short", [node("n")], {}, need(1, GI, 101 * GI), one("Insufficient ephemeral-storage")],
		[
			"for everything that is short at once",
			[node("n")],
			{},
			need(5, 9 * GI, 101 * GI),
			"0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient ephemeral-storage, 1 Insufficient memory.",
		],
		[
			"by the first filter only",
			[node("n", { ready: false, unschedulable: true, ...taint("NoSchedule") })],
			{},
			need(99),
			one("node(s) were not ready"),
		],
		[
			"when the files are on another node and nowhere else",
			[node("m"), node("n")],
			{ m: [request("x", need(4))] },
			{ workspaceNode: "m", workspaceBound: true },
			"0/2 nodes are available: 1 Insufficient cpu, 1 node(s) did not hold the session's workspace.",
		],
		[
			"that drives everybody off, by who has the only files there, too",
			[node("m", taint("NoExecute", "yes")), node("n")],
			{},
			{ workspaceNode: "m", workspaceBound: true },
			"0/2 nodes are available: 1 node(s) did not hold the session's workspace, 1 node(s) had untolerated taint {gpu: yes}.",
		],
		[
			"that is cordoned, when the node of the only files is gone",
			[node("n", { unschedulable: true })],
			{},
			{ workspaceNode: "gone", workspaceBound: true },
			one("node(s) were unschedulable"),
		],
	])("%s", (_, nodes, placed, asked, expected) => {
		expect(where(pool(nodes, placed), request("a", asked))).toBe(expected);
	});
});

describe("a node is taken", () => {
	it.each<Case>([
		["to the last millicore", [node("n")], { n: [request("x", need(3.5))] }, {}, "n"],
		["when tenths of cores add up to all of it", [node("n")], { n: [0.1, 0.2, 3.2].map((cpu, i) => request(`x${i}`, need(cpu))) }, {}, "n"],
		["when it says nothing of its disk", [node("n", { capacity: { cpu: 4, memory: 8 * GI, slots: 9 } })], {}, need(1, GI, 2 ** 50), "n"],
		["with a taint that is tolerated", [node("n", taint("NoSchedule", "yes"))], {}, { tolerations: [{ key: "gpu", value: "yes" }] }, "n"],
		["with a taint that is only preferred not to be", [node("n", taint("PreferNoSchedule"))], {}, {}, "n"],
		[
			"although it is cordoned, by who tolerates that",
			[node("n", { unschedulable: true })],
			{},
			{ tolerations: [{ operator: "Exists" }] },
			"n",
		],
		["for its label", [node("m"), node("n", { labels: { zone: "a" } })], {}, { nodeSelector: { zone: "a" } }, "n"],
		["for the workspace that is nowhere else", [node("m"), node("n")], {}, { workspaceNode: "n", workspaceBound: true }, "n"],
		[
			"although it is cordoned and tainted, by who has the only files there: for it nothing is new there",
			[node("m"), node("n", { unschedulable: true, ...taint("NoSchedule") })],
			{},
			{ workspaceNode: "n", workspaceBound: true },
			"n",
		],
		["when the node of the workspace is gone", [node("n")], {}, { workspaceNode: "gone", workspaceBound: true }, "n"],
	])("%s", (_, nodes, placed, asked, expected) => {
		expect(where(pool(nodes, placed), request("a", asked))).toBe(expected);
	});
});

describe("a toleration", () => {
	it.each<[string, NonNullable<LeaseRequest["tolerations"]>[number], boolean]>([
		["of the key and its value holds", { key: "gpu", operator: "Equal", value: "yes" }, true],
		["of another value does not hold", { key: "gpu", value: "no" }, false],
		["without a value means the empty one", { key: "gpu" }, false],
		["of another key does not hold", { key: "cpu", operator: "Exists" }, false],
		["Exists holds for every value", { key: "gpu", operator: "Exists" }, true],
		["Exists without a key holds for everything", { operator: "Exists" }, true],
		["of another effect does not hold", { key: "gpu", operator: "Exists", effect: "NoExecute" }, false],
		["of the same effect holds", { key: "gpu", operator: "Exists", effect: "NoSchedule" }, true],
	])("%s", (_, toleration, holds) => {
		const scheduler = pool([node("n", taint("NoSchedule", "yes"))]);
		expect("node" in scheduler.schedule(request("a", { tolerations: [toleration] }))).toBe(holds);
	});

	it("counts whatever tolerationSeconds says", () => {
		const scheduler = pool([node("n", taint("NoExecute"))]);
		const tolerations = [{ key: "gpu", operator: "Exists", effect: "NoExecute", tolerationSeconds: 0 } as const];
		expect(where(scheduler, request("a", { tolerations }))).toBe("n");
	});
});

describe("required node affinity", () => {
	const labelled = node("n", { labels: { zone: "a", cores: "16" } });

	it.each<[string, object, boolean]>([
		["In", { key: "zone", operator: "In", values: ["a", "b"] }, true],
		["In", { key: "zone", operator: "In", values: ["b"] }, false],
		["In", { key: "rack", operator: "In", values: ["a"] }, false],
		["NotIn", { key: "zone", operator: "NotIn", values: ["b"] }, true],
		["NotIn", { key: "zone", operator: "NotIn", values: ["a"] }, false],
		["NotIn", { key: "rack", operator: "NotIn", values: ["a"] }, true],
		["Exists", { key: "zone", operator: "Exists" }, true],
		["Exists", { key: "rack", operator: "Exists" }, false],
		["DoesNotExist", { key: "rack", operator: "DoesNotExist" }, true],
		["DoesNotExist", { key: "zone", operator: "DoesNotExist" }, false],
		["Gt", { key: "cores", operator: "Gt", values: ["8"] }, true],
		["Gt", { key: "cores", operator: "Gt", values: ["16"] }, false],
		["Gt", { key: "zone", operator: "Gt", values: ["8"] }, false],
		["Lt", { key: "cores", operator: "Lt", values: ["17"] }, true],
		["Lt", { key: "cores", operator: "Lt", values: ["16"] }, false],
		["Lt", { key: "rack", operator: "Lt", values: ["16"] }, false],
	])("%s of %o", (_, expression, holds) => {
		const asked = request("a", required({ matchExpressions: [expression] }));
		expect(where(pool([labelled]), asked)).toBe(holds ? "n" : one(mismatch));
	});

	it("needs every expression of a term", () => {
		const term = {
			matchExpressions: [
				{ key: "zone", operator: "Exists" },
				{ key: "rack", operator: "Exists" },
			],
		};
		expect(where(pool([labelled]), request("a", required(term)))).toBe(one(mismatch));
	});

	it("needs only one of its terms", () => {
		const terms = ["rack", "zone"].map((key) => ({ matchExpressions: [{ key, operator: "Exists" }] }));
		expect(where(pool([labelled]), request("a", required(...terms)))).toBe("n");
	});

	it("knows a node by its name", () => {
		const term = { matchFields: [{ key: "metadata.name", operator: "In", values: ["m"] }] };
		expect(where(pool([node("l"), node("m")]), request("a", required(term)))).toBe("m");
	});

	it("of an empty term matches no node", () => {
		expect(where(pool([labelled]), request("a", required({})))).toBe(one(mismatch));
	});

	it("holds together with the node selector", () => {
		const asked = request("a", { ...required({ matchExpressions: [{ key: "zone", operator: "Exists" }] }), nodeSelector: { zone: "b" } });
		expect(where(pool([labelled]), asked)).toBe(one(mismatch));
	});
});

describe("the message of a refusal", () => {
	it("counts the reasons, sorted as kube-scheduler sorts them", () => {
		const full = [request("x", need(3.9))];
		const nodes = [
			node("a"),
			node("b"),
			node("c", { ready: false }),
			node("d", { unschedulable: true }),
			node("e", { unschedulable: true }),
		];
		expect(where(pool(nodes, { a: full, b: [request("y", need(0.1, 7.5 * GI))] }), request("a"))).toBe(
			"0/5 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 node(s) were not ready, 2 node(s) were unschedulable.",
		);
	});

	it("says how to join a node when there is none", () => {
		expect(where(pool([]), request())).toMatch(/^0\/0 nodes are available: .*klaw node join/);
	});
});
