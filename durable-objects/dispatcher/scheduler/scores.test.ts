import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { onShape, shapedScore } from "./fit-score.ts";
import { GI, node, pool, request, where } from "./test-pool.ts";
import type { SchedulerNode, ScoreName, ScoringStrategy } from "./types.ts";

const need = (cpu: number, memory: number) => ({ requests: { cpu, memory } });
const plain = { cpu: 4, memory: 8 * GI, slots: 10 };

function scoresOf(
	name: ScoreName,
	nodes: SchedulerNode[],
	placed: Record<string, LeaseRequest[]>,
	asked: LeaseRequest,
	scoringStrategy: ScoringStrategy = { type: "MostAllocated" },
): Record<string, number | undefined> {
	const { nodes: verdicts } = pool(nodes, placed, { scoringStrategy }).explain(asked, 0);
	return Object.fromEntries(verdicts.map((verdict) => [verdict.node, verdict.scores?.[name]]));
}

describe("the fit score", () => {
	const nodes = [node("a", { capacity: plain }), node("b", { capacity: plain })];
	const placed = { b: [request("x", need(1, 4 * GI))] };
	const asked = request("y", need(1, 2 * GI));

	it("of MostAllocated is the mean share in use afterwards", () => {
		expect(scoresOf("NodeResourcesFit", nodes, placed, asked)).toEqual({ a: 25, b: 62.5 });
	});

	it("of LeastAllocated is the mean share that is left", () => {
		expect(scoresOf("NodeResourcesFit", nodes, placed, asked, { type: "LeastAllocated" })).toEqual({ a: 75, b: 37.5 });
	});

	it("of RequestedToCapacityRatio follows its shape", () => {
		const shape = [
			{ utilization: 0, score: 0 },
			{ utilization: 50, score: 10 },
			{ utilization: 100, score: 0 },
		];
		expect(scoresOf("NodeResourcesFit", nodes, placed, asked, { type: "RequestedToCapacityRatio", shape })).toEqual({ a: 50, b: 75 });
	});

	it("weighs resources as it is told", () => {
		const resources = [
			{ name: "cpu", weight: 3 },
			{ name: "memory", weight: 1 },
		] as const;
		expect(scoresOf("NodeResourcesFit", nodes, placed, asked, { type: "MostAllocated", resources })).toEqual({ a: 25, b: 56.25 });
	});

	it("leaves a resource out that the node does not limit", () => {
		const resources = [
			{ name: "cpu", weight: 1 },
			{ name: "ephemeral-storage", weight: 1 },
		] as const;
		const disk = node("c", { capacity: { ...plain, ephemeralStorage: 10 * GI } });
		const big = request("y", { requests: { cpu: 1, memory: GI, ephemeralStorage: 5 * GI } });
		expect(scoresOf("NodeResourcesFit", [...nodes, disk], {}, big, { type: "MostAllocated", resources })).toEqual({
			a: 25,
			b: 25,
			c: 37.5,
		});
	});
});

describe("a shape", () => {
	const shape = [
		{ utilization: 20, score: 2 },
		{ utilization: 60, score: 10 },
		{ utilization: 100, score: 5 },
	];

	it.each([
		[0, 20],
		[20, 20],
		[40, 60],
		[60, 100],
		[80, 75],
		[100, 50],
		[120, 50],
	])("at %i percent scores %i", (percent, score) => {
		expect(onShape(shape, percent)).toBe(score);
	});
});

/**
 * The worked example of "Resource Bin Packing" in Kubernetes' documentation: intel.com/foo 2, memory 256 MB and cpu 2 are
 * requested with weights 5, 1 and 3; the shape is (0, 0), (100, 10). Disk stands for intel.com/foo here.
 */
describe("Kubernetes' worked example of bin packing", () => {
	const weights = { "ephemeral-storage": 5, memory: 1, cpu: 3 };
	const shape = [
		{ utilization: 0, score: 0 },
		{ utilization: 100, score: 10 },
	];
	const MB = 1024 * 1024;
	const resources = (["ephemeral-storage", "memory", "cpu"] as const).map((name) => ({ name, weight: weights[name] }));
	const scoringStrategy: ScoringStrategy = { type: "RequestedToCapacityRatio", shape, resources };
	const nodes = [
		node("node-1", { capacity: { ephemeralStorage: 4, memory: 1024 * MB, cpu: 8, slots: 10 } }),
		node("node-2", { capacity: { ephemeralStorage: 8, memory: 1024 * MB, cpu: 8, slots: 10 } }),
	];
	const placed = {
		"node-1": [request("x", { requests: { ephemeralStorage: 1, memory: 256 * MB, cpu: 1 } })],
		"node-2": [request("y", { requests: { ephemeralStorage: 2, memory: 512 * MB, cpu: 6 } })],
	};
	const asked = request("z", { requests: { ephemeralStorage: 2, memory: 256 * MB, cpu: 2 } });

	it.each([
		["node 1", { "ephemeral-storage": 75, memory: 50, cpu: 37.5 }, { foo: 7, memory: 5, cpu: 3 }, 5],
		["node 2", { "ephemeral-storage": 50, memory: 75, cpu: 100 }, { foo: 5, memory: 7, cpu: 10 }, 7],
	])("scores %s as documented, in the whole tenths of the documentation", (_, percents, tenths, score) => {
		const whole = (percent: number) => Math.floor(onShape(shape, percent) / 10);
		expect({ foo: whole(percents["ephemeral-storage"]), memory: whole(percents.memory), cpu: whole(percents.cpu) }).toEqual(tenths);
		// The documentation writes this with the signs for rounding down, but both of its numbers are the nearest.
		expect(Math.round((tenths.foo * 5 + tenths.memory * 1 + tenths.cpu * 3) / 9)).toBe(score);
		// What is scored with is not rounded at any step.
		expect(Math.abs(shapedScore(shape, percents, weights) / 10 - score)).toBeLessThan(1);
	});

	it("takes the node that the documentation takes", () => {
		expect(where(pool(nodes, placed, { scoringStrategy }), asked)).toBe("node-2");
		const scores = scoresOf("NodeResourcesFit", nodes, placed, asked, scoringStrategy);
		expect(scores["node-1"]).toBeCloseTo((75 * 5 + 50 + 37.5 * 3) / 9, 10);
		expect(scores["node-2"]).toBeCloseTo((50 * 5 + 75 + 100 * 3) / 9, 10);
	});
});

describe("preferred node affinity", () => {
	const prefer = (...terms: [weight: number, key: string][]): Partial<LeaseRequest> => ({
		affinity: {
			nodeAffinity: {
				preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, key]) => ({
					weight,
					preference: { matchExpressions: key === "" ? [] : [{ key, operator: "Exists" }] },
				})),
			},
		},
	});
	const nodes = [node("a"), node("b", { labels: { ssd: "" } }), node("c", { labels: { ssd: "", gpu: "" } })];

	it("adds up the weights of what holds, and the largest sum is 100", () => {
		expect(scoresOf("NodeAffinity", nodes, {}, request("x", prefer([10, "ssd"], [30, "gpu"])))).toEqual({ a: 0, b: 25, c: 100 });
	});

	it("is 0 everywhere when it holds nowhere, and of an empty term", () => {
		expect(scoresOf("NodeAffinity", nodes, {}, request("x", prefer([10, "tpu"])))).toEqual({ a: 0, b: 0, c: 0 });
		expect(scoresOf("NodeAffinity", nodes, {}, request("x", prefer([10, ""])))).toEqual({ a: 0, b: 0, c: 0 });
	});
});

describe("soft taints", () => {
	const soft = (key: string) => ({ key, effect: "PreferNoSchedule" as const });
	const nodes = [node("a"), node("b", { taints: [soft("x")] }), node("c", { taints: [soft("x"), soft("y")] })];

	it("cost the more the more of them are not tolerated", () => {
		expect(scoresOf("TaintToleration", nodes, {}, request("z"))).toEqual({ a: 100, b: 50, c: 0 });
	});

	it("cost nothing when they are tolerated", () => {
		const tolerations = [{ key: "x", operator: "Exists" as const }];
		expect(scoresOf("TaintToleration", nodes, {}, request("z", { tolerations }))).toEqual({ a: 100, b: 100, c: 0 });
	});

	it("that nobody has are 100 for everybody", () => {
		expect(scoresOf("TaintToleration", nodes.slice(0, 1), {}, request("z"))).toEqual({ a: 100 });
	});
});

describe("the place of the workspace", () => {
	const nodes = [node("a"), node("b", { incarnation: 3 })];

	it("is worth 100 on the machine that has the files", () => {
		expect(scoresOf("WorkspaceLocality", nodes, {}, request("x", { workspaceNode: "b", workspaceIncarnation: 3 }))).toEqual({
			a: 0,
			b: 100,
		});
	});

	it("is worth nothing on another machine of the same name", () => {
		expect(where(pool(nodes), request("x", { workspaceNode: "b", workspaceIncarnation: 2 }))).toBe("a");
	});
});

describe("the choice", () => {
	it("goes to the first name of several that are as good", () => {
		expect(where(pool([node("b"), node("a"), node("c")]), request())).toBe("a");
	});

	it("weighs the scores", () => {
		const nodes = [node("a", { labels: { zone: "x" } }), node("b")];
		const placed = { b: [request("y", need(3, 6 * GI))] };
		const asked = request("z", {
			affinity: {
				nodeAffinity: {
					preferredDuringSchedulingIgnoredDuringExecution: [
						{ weight: 1, preference: { matchExpressions: [{ key: "zone", operator: "Exists" }] } },
					],
				},
			},
		});
		const weights = {
			NodeResourcesFit: 1,
			NodeAffinity: 2,
			SessionAffinity: 2,
			PodTopologySpread: 2,
			TaintToleration: 3,
			WorkspaceLocality: 3,
		};
		expect(where(pool(nodes, placed, { weights }), asked)).toBe("a");
		expect(where(pool(nodes, placed, { weights: { ...weights, NodeAffinity: 0.1 } }), asked)).toBe("b");
	});
});
