import { describe, expect, it } from "vitest";
import type { TopologySpreadConstraint } from "../../../src/resources/agent/topology-spread.ts";
import { node, pool, request, where } from "./test-pool.ts";

const web = { labels: { app: "web" } };
const by = (whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway", part: Partial<TopologySpreadConstraint> = {}) => ({
	topologySpreadConstraints: [
		{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable, labelSelector: { matchLabels: { app: "web" } }, ...part },
	],
});
const inZone = (name: string, zone: string) => node(name, { labels: { zone } });
const zones = () => [inZone("a1", "a"), inZone("a2", "a"), inZone("b1", "b")];
const webs = (...names: string[]) => names.map((name) => request(name, web));

describe("topology spread DoNotSchedule", () => {
	/** Kubernetes' example of its documentation: 2 and 1 sessions in two zones, and one more comes. */
	it("puts the next one where there are fewer", () => {
		const scheduler = pool(zones(), { a1: webs("1"), a2: webs("2"), b1: webs("3") });
		expect(where(scheduler, request("x", { ...web, ...by("DoNotSchedule") }))).toBe("b1");
	});

	it("refuses a place that would have too many more than the one with the fewest", () => {
		const cordoned = { ...inZone("b1", "b"), unschedulable: true };
		const scheduler = pool([inZone("a1", "a"), cordoned], { a1: webs("1") });
		const message = "0/2 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) were unschedulable.";
		expect(where(scheduler, request("x", { ...web, ...by("DoNotSchedule") }))).toBe(message);
		expect(where(scheduler, request("x", { ...web, ...by("DoNotSchedule", { maxSkew: 2 }) }))).toBe("a1");
	});

	it("does not count the session itself when the selector does not mean it", () => {
		const scheduler = pool([inZone("a1", "a"), { ...inZone("b1", "b"), unschedulable: true }], { a1: webs("1") });
		expect(where(scheduler, request("x", by("DoNotSchedule")))).toBe("a1");
	});

	it("refuses a node without the label", () => {
		expect(where(pool([node("n")]), request("x", by("DoNotSchedule")))).toBe(
			"0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints (missing required label).",
		);
	});

	it("counts sessions of its own namespace only", () => {
		const scheduler = pool(zones(), { b1: [request("other/w", web)] });
		scheduler.place({ request: request("w", web), node: "a1" });
		expect(where(scheduler, request("x", { ...web, ...by("DoNotSchedule") }))).toBe("b1");
	});

	it("counts only nodes that it may be on by its node selector", () => {
		const nodes = [inZone("a1", "a"), inZone("b1", "b"), node("c1", { labels: { zone: "c", gpu: "no" } })].map((each) =>
			each.name === "c1" ? each : { ...each, labels: { ...each.labels, gpu: "yes" } },
		);
		const scheduler = pool(nodes, { a1: webs("1"), b1: webs("2") });
		expect(where(scheduler, request("x", { ...web, ...by("DoNotSchedule"), nodeSelector: { gpu: "yes" } }))).toBe("a1");
	});

	it("needs every constraint to hold", () => {
		const scheduler = pool(zones(), { a1: webs("1"), b1: webs("2", "3") });
		const [byZone] = by("DoNotSchedule").topologySpreadConstraints;
		const [byHost] = by("DoNotSchedule", { topologyKey: "kubernetes.io/hostname" }).topologySpreadConstraints;
		const topologySpreadConstraints = [byZone, byHost].filter((constraint) => constraint !== undefined);
		expect(where(scheduler, request("x", { ...web, topologySpreadConstraints }))).toBe("a2");
	});
});

describe("topology spread ScheduleAnyway", () => {
	const spreadOnly = {
		weights: { NodeResourcesFit: 0, NodeAffinity: 0, SessionAffinity: 0, PodTopologySpread: 1, TaintToleration: 0, WorkspaceLocality: 0 },
	};

	it("prefers the place with fewer, and scores a node without the label 0", () => {
		const nodes = [...zones(), node("c")];
		const scheduler = pool(nodes, { a1: webs("1", "2"), b1: webs("3") }, spreadOnly);
		const verdicts = scheduler.explain(request("x", { ...web, ...by("ScheduleAnyway") }), 0).nodes;
		expect(verdicts.map((verdict) => [verdict.node, Math.round(verdict.scores?.PodTopologySpread ?? -1)])).toEqual([
			["b1", 100],
			["a1", 50],
			["a2", 50],
			["c", 0],
		]);
	});

	it("scores every place 100 while there is none of them anywhere", () => {
		const verdicts = pool(zones(), {}, spreadOnly).explain(request("x", { ...web, ...by("ScheduleAnyway") }), 0).nodes;
		expect(verdicts.map(({ total }) => total)).toEqual([100, 100, 100]);
	});

	it("never refuses", () => {
		const scheduler = pool([inZone("a1", "a"), { ...inZone("b1", "b"), unschedulable: true }], { a1: webs("1", "2", "3") });
		expect(where(scheduler, request("x", { ...web, ...by("ScheduleAnyway") }))).toBe("a1");
	});
});
