import { describe, expect, it } from "vitest";
import type { PlacementStatus } from "../../resources/virtual/placement-review.ts";
import { placementText } from "./placement.ts";

const NOW = Date.UTC(2026, 10, 22, 8, 5);
const placed: PlacementStatus = {
	recorded: true,
	time: "2026-11-22T08:00:00Z",
	node: "n1",
	message: "Successfully assigned default/x to n1",
	nodes: [
		{ node: "n1", scores: { NodeResourcesFit: 81.25, TaintToleration: 100 }, total: 381.25 },
		{ node: "n2", scores: { NodeResourcesFit: 7, TaintToleration: 100 }, total: 307 },
		{ node: "n3", refusedBy: "TaintToleration", reason: "node(s) had untolerated taint {gpu: true}" },
	],
	omitted: 2,
	evaluated: 5,
	feasible: 2,
};

describe("a decision", () => {
	it("is told in a line, and then node by node", () => {
		expect(placementText("session/x", placed, NOW, "n1")).toBe(
			[
				"session/x: Successfully assigned default/x to n1.",
				"Decided 5m ago: 2 of 5 nodes would do.",
				"",
				"NODE   VERDICT           FIT    TAINTS   TOTAL   REASON",
				"n1     chosen            81.3   100      381.3",
				"n2     fits              7      100      307",
				"n3     TaintToleration   -      -        -       node(s) had untolerated taint {gpu: true}",
				"… and 2 more nodes.",
				"",
			].join("\n"),
		);
	});

	it("has no column for what no node has", () => {
		const [n1] = placed.nodes;
		const text = placementText("session/x", { ...placed, nodes: n1 ? [n1] : [], omitted: 0 }, NOW);
		expect(text).toContain("NODE   VERDICT   FIT    TAINTS   TOTAL\nn1     chosen    81.3   100      381.3\n");
	});

	it("says who is asked to make room", () => {
		const preemption = { node: "n2", victims: ["low"], others: 2 };
		expect(placementText("session/x", { ...placed, preemption }, NOW)).toContain(
			"To make room on n2, session/low, 2 of other namespaces are asked to leave.\n",
		);
	});

	it("says that the node was given back since, or that another one is held", () => {
		expect(placementText("session/x", placed, NOW, "")).toContain("It has given the node back since, and asks again when it needs one.\n");
		expect(placementText("session/x", placed, NOW, "n2")).toContain("It is on n2 now.\n");
		expect(placementText("session/x", placed, NOW, "n1")).not.toContain("now");
	});

	it("that was only thought through says so, and that there is no node at all", () => {
		const { node: _, ...rest } = placed;
		const none = {
			...rest,
			recorded: false,
			message: "0/0 nodes are available: no node has joined.",
			nodes: [],
			omitted: 0,
			evaluated: 0,
			feasible: 0,
		};
		expect(placementText("a session of agent/a", none, NOW)).toBe(
			"a session of agent/a: 0/0 nodes are available: no node has joined.\nAs things stand now, 0 of 0 nodes would do.\n",
		);
	});
});
