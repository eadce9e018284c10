import { describe, expect, it } from "vitest";
import { GI, node, pool, request } from "./scheduler/test-pool.ts";
import type { Decision } from "./scheduler/types.ts";
import { decodeDecision, encodeDecision } from "./stored-decision.ts";

const taints = [{ key: "gpu", effect: "NoSchedule" as const }];

function kept(decision: Decision): Decision {
	return decodeDecision(decision.session, encodeDecision(decision));
}

describe("a decision that is stored", () => {
	it("is the same when it is read, with its scores and its refusals", () => {
		const nodes = [node("a"), node("b"), node("c", { taints }), node("d", { unschedulable: true }), node("e", { taints })];
		const scheduler = pool(nodes, { a: [request("x", { requests: { cpu: 1, memory: 3 * GI } })] });
		const decision = scheduler.explain(request("y"), 7);
		expect(decision.nodes.map(({ refusedBy }) => refusedBy)).toEqual([
			undefined,
			undefined,
			"TaintToleration",
			"NodeUnschedulable",
			"TaintToleration",
		]);
		expect(kept(decision)).toEqual(decision);
		const nowhere = {
			...scheduler.explain(request("z", { nodeSelector: { zone: "mars" } }), 8),
			preemption: { node: "a", victims: ["default/x"] },
		};
		expect(kept(nowhere)).toEqual(nowhere);
	});

	it("keeps a ten-thousandth of a point", () => {
		const decision = pool([node("a")]).explain(request("y", { requests: { cpu: 1 / 3, memory: GI } }), 7);
		const [verdict] = decision.nodes;
		const [read] = kept(decision).nodes;
		expect(read?.total).toBeCloseTo(verdict?.total ?? 0, 3);
		expect(String(read?.total).length).toBeLessThan(10);
	});

	it("is read as it was stored before", () => {
		const decision = pool([node("a")]).explain(request("y"), 7);
		expect(decodeDecision(decision.session, JSON.stringify(decision))).toEqual(decision);
	});

	/** Above that a row without a rowid has pages of its own (SQLite's file format, section 1.6). */
	it("of twenty nodes takes less than a quarter of a page", () => {
		const nodes = Array.from({ length: 40 }, (_, n) => node(`container-${String(n).padStart(5, "0")}`));
		const scheduler = pool(nodes);
		for (let n = 0; n < 200; n++) {
			const asked = request(`s${n}`, { requests: { cpu: 0.01 * (n % 17), memory: GI * 0.037 * (n % 13) } });
			scheduler.place({ request: asked, node: `container-${String(n % 40).padStart(5, "0")}` });
		}
		const decision = scheduler.explain(request("y", { requests: { cpu: 1 / 3, memory: GI / 7 } }), 1_795_000_000_000);
		expect(encodeDecision(decision).length).toBeLessThan(1_000);
		expect(JSON.stringify(decision).length).toBeGreaterThan(2_500);
	});
});
