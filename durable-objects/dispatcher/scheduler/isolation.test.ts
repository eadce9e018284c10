import { describe, expect, it } from "vitest";
import type { Isolation } from "../../ports.ts";
import { node, pool, request, where } from "./test-pool.ts";
import type { SchedulerNode } from "./types.ts";

const OTHER_NAMESPACE = "0/1 nodes are available: 1 node(s) served another namespace.";
const OTHER_SESSION = "0/1 nodes are available: 1 node(s) served another session.";

function labelled(isolation: Isolation | undefined, part: Partial<SchedulerNode> = {}): SchedulerNode {
	const made = node("n", part);
	const { "klaw.sh/isolation": _, ...labels } = made.labels;
	return { ...made, labels: isolation === undefined ? labels : { ...labels, "klaw.sh/isolation": isolation } };
}

/** What the node says, what the session on it says (from the namespace), what the newcomer says (from the namespace), what follows. */
type Case = [
	node: Isolation | undefined,
	there: Isolation | undefined,
	from: string,
	comes: Isolation | undefined,
	of: string,
	expected: string,
];

describe("a node that has a session", () => {
	it.each<Case>([
		[undefined, undefined, "a", undefined, "a", "n"],
		[undefined, undefined, "a", undefined, "b", OTHER_NAMESPACE],
		[undefined, undefined, "a", "none", "b", OTHER_NAMESPACE],
		["none", undefined, "a", undefined, "b", "n"],
		["none", "none", "a", "none", "b", "n"],
		["none", undefined, "a", "namespace", "b", OTHER_NAMESPACE],
		["none", "namespace", "a", undefined, "b", OTHER_NAMESPACE],
		["none", "session", "a", undefined, "a", OTHER_SESSION],
		["none", undefined, "a", "session", "a", OTHER_SESSION],
		["none", undefined, "a", "session", "b", OTHER_NAMESPACE],
		["namespace", "none", "a", "none", "b", OTHER_NAMESPACE],
		["session", undefined, "a", undefined, "a", OTHER_SESSION],
		["session", "none", "a", "none", "b", OTHER_NAMESPACE],
	])("says %s, its session %s of %s; one that says %s of %s: %s", (nodes, there, from, comes, of, expected) => {
		const scheduler = pool([labelled(nodes)], { n: [request(`${from}/x`, { isolation: there })] });
		expect(where(scheduler, request(`${of}/y`, { isolation: comes }))).toBe(expected);
	});
});

describe("isolation", () => {
	it("ends with the last session of the namespace on a machine that joined", () => {
		const scheduler = pool([labelled(undefined)], { n: [request("a/x"), request("a/y")] });
		scheduler.unplace("a/x");
		expect(where(scheduler, request("b/z"))).toBe(OTHER_NAMESPACE);
		scheduler.unplace("a/y");
		expect(where(scheduler, request("b/z"))).toBe("n");
	});

	it("lasts as long as a container", () => {
		const scheduler = pool([labelled(undefined, { boundNamespace: "a" })]);
		expect(where(scheduler, request("b/z"))).toBe(OTHER_NAMESPACE);
		expect(where(scheduler, request("a/z"))).toBe("n");
	});

	it("of several namespaces on one node is nobody's", () => {
		const scheduler = pool([labelled("none")], { n: [request("a/x"), request("b/x")] });
		expect(where(scheduler, request("a/z", { isolation: "namespace" }))).toBe(OTHER_NAMESPACE);
		scheduler.unplace("b/x");
		expect(where(scheduler, request("a/z", { isolation: "namespace" }))).toBe("n");
	});

	it("of a session is a node of its own", () => {
		const scheduler = pool([node("m"), node("n")], { m: [request("a/x")] });
		expect(where(scheduler, request("a/y", { isolation: "session" }))).toBe("n");
	});
});
