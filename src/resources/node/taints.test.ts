import { expect, test } from "vitest";
import { standingOf, withTaints } from "./taints.ts";

const AT = "2026-11-22T08:00:00Z";
const READY = standingOf("True");
const mine = { key: "mine", effect: "NoSchedule" as const, value: "x" };

test("a node that is cordoned has Kubernetes' taint for it, and loses it with the cordon", () => {
	const cordoned = withTaints({ unschedulable: true, taints: [mine] }, READY, AT);
	expect(cordoned.taints).toEqual([mine, { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule", timeAdded: AT }]);
	expect(withTaints({ ...cordoned, unschedulable: false }, READY, "later").taints).toEqual([mine]);
});

test("a taint that stays keeps the time at which it was added", () => {
	const silent = withTaints({}, standingOf("Unknown"), AT);
	expect(withTaints(silent, standingOf("Unknown"), "later")).toEqual(silent);
});

test("a node that falls silent after it was not ready has one of the two taints", () => {
	const starting = withTaints({}, standingOf("False"), AT);
	const silent = withTaints(starting, standingOf("Unknown"), AT);
	expect(new Set(silent.taints?.map(({ key }) => key))).toEqual(new Set(["node.kubernetes.io/unreachable"]));
});

test("a taint of the lifecycle that somebody takes away comes back", () => {
	const cordoned = withTaints({ unschedulable: true }, READY, AT);
	expect(withTaints({ ...cordoned, taints: [] }, READY, AT)).toEqual(cordoned);
});

test("a node with nothing against it has no taints at all", () => {
	expect(withTaints({ taints: [] }, READY, AT)).toEqual({});
});
