import { describe, expect, test } from "vitest";
import type { Decision } from "../../../durable-objects/dispatcher/scheduler/types.ts";
import { placementReviewKind } from "../../resources/virtual/placement-review.ts";
import { placementStatus } from "./placement-status.ts";

const decision: Decision = {
	session: "team-a/x",
	at: Date.UTC(2026, 10, 22, 8),
	node: "n1",
	message: "Successfully assigned team-a/x to n1",
	nodes: [
		{ node: "n1", scores: { NodeResourcesFit: 13.0309980309 }, total: 313.0309980309 },
		{ node: "n2", refusedBy: "NodeResourcesFit", reason: "Insufficient cpu" },
	],
	omitted: 0,
	evaluated: 2,
	feasible: 1,
};

describe("a decision as people of a namespace see it", () => {
	test("says what was found of each node", () => {
		const status = placementStatus(decision, "team-a", true);
		expect(status).toEqual({
			recorded: true,
			time: "2026-11-22T08:00:00Z",
			node: "n1",
			message: "Successfully assigned team-a/x to n1",
			nodes: [
				{ node: "n1", scores: { NodeResourcesFit: 13.03 }, total: 313.03 },
				{ node: "n2", refusedBy: "NodeResourcesFit", reason: "Insufficient cpu" },
			],
			omitted: 0,
			evaluated: 2,
			feasible: 1,
		});
		expect(placementReviewKind.status?.parse(status)).toEqual(status);
	});

	test("does not claim that what was only thought through has happened", () => {
		expect(placementStatus(decision, "team-a", false)).toMatchObject({ recorded: false, message: "Would be assigned to n1" });
	});

	test("names no session of another namespace", () => {
		const preemption = { node: "n1", victims: ["team-a/mine", "team-b/secret", "team-ab/other"] };
		const status = placementStatus({ ...decision, preemption }, "team-a", true);
		expect(status.preemption).toEqual({ node: "n1", victims: ["mine"], others: 2 });
		expect(JSON.stringify(status)).not.toContain("secret");
	});
});
