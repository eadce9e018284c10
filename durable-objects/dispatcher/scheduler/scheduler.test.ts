import { describe, expect, it } from "vitest";
import { GI, node, pool, request, where } from "./test-pool.ts";

const need = (cpu: number) => ({ requests: { cpu, memory: GI } });

describe("a placement", () => {
	it("holds room until it is taken back, and counts once however often it is said", () => {
		const scheduler = pool([node("n")]);
		for (let time = 0; time < 3; time++) scheduler.place({ request: request("a", need(1.5)), node: "n" });
		expect(scheduler.allocated("n")).toEqual({ cpu: 1.5, memory: GI, ephemeralStorage: 0, slots: 1 });
		scheduler.unplace("default/a");
		scheduler.unplace("default/a");
		expect(scheduler.allocated("n")).toEqual({ cpu: 0, memory: 0, ephemeralStorage: 0, slots: 0 });
	});

	it("moves when the session is placed elsewhere", () => {
		const scheduler = pool([node("m"), node("n")], { m: [request("a")] });
		scheduler.place({ request: request("a"), node: "n" });
		expect([scheduler.allocated("m").slots, scheduler.allocated("n").slots]).toEqual([0, 1]);
	});

	it("follows what the session asks for now", () => {
		const scheduler = pool([node("n")], { n: [request("a", need(1))] });
		scheduler.place({ request: request("a", need(2)), node: "n" });
		expect(scheduler.allocated("n").cpu).toBe(2);
	});

	it("is none on a node that does not exist", () => {
		const scheduler = pool([node("n")], { n: [request("a")] });
		scheduler.place({ request: request("a"), node: "gone" });
		expect(scheduler.allocated("n").slots).toBe(0);
		expect(scheduler.allocated("gone").slots).toBe(0);
	});

	it("is not in its own way when it is looked where the session would go", () => {
		const scheduler = pool([node("n")], { n: [request("a", need(4))] });
		expect(where(scheduler, request("a", need(4)))).toBe("n");
		expect(scheduler.explain(request("a", need(4)), 0).node).toBe("n");
		expect(where(scheduler, request("b", need(4)))).toMatch(/Insufficient cpu/);
	});

	it("is counted once by those who ask for the first time who is near, also when it is the session itself that asks", () => {
		const scheduler = pool([node("n")], { n: [request("a", { labels: { app: "web" } })] });
		const near = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
		const apart = { sessionAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [near] } };
		expect(where(scheduler, request("a", { labels: { app: "web" }, affinity: apart }))).toBe("n");
		scheduler.unplace("default/a");
		expect(where(scheduler, request("b", { affinity: apart }))).toBe("n");
	});

	it("adds tenths of cores a thousand times without losing or gaining one", () => {
		const scheduler = pool([node("n", { capacity: { cpu: 100, memory: 2 ** 50, slots: 1_000 } })]);
		for (let n = 0; n < 1_000; n++) scheduler.place({ request: request(`s${n}`, need(0.1)), node: "n" });
		expect(scheduler.allocated("n").cpu).toBe(100);
		for (let n = 0; n < 1_000; n++) scheduler.unplace(`default/s${n}`);
		expect(scheduler.allocated("n").cpu).toBe(0);
	});
});

describe("a node", () => {
	it("that is told again keeps what is on it", () => {
		const scheduler = pool([node("n")], { n: [request("a", need(3))] });
		scheduler.setNode(node("n", { labels: { zone: "b" } }));
		expect(scheduler.allocated("n").cpu).toBe(3);
	});

	it("of another incarnation is another machine, and empty", () => {
		const scheduler = pool([node("n")], { n: [request("a", need(3))] });
		scheduler.setNode(node("n", { incarnation: 2 }));
		expect(scheduler.allocated("n").cpu).toBe(0);
		expect(scheduler.dominantShare("default")).toBe(0);
	});

	it("that comes back with less than it had takes nobody until there is room", () => {
		const scheduler = pool([node("n")], { n: [request("a", need(3)), request("b", need(1))] });
		scheduler.setNode(node("n", { capacity: { cpu: 2, memory: 8 * GI, slots: 10 } }));
		expect(where(scheduler, request("c", need(0.5)))).toMatch(/Insufficient cpu/);
		scheduler.unplace("default/a");
		expect(where(scheduler, request("c", need(1)))).toBe("n");
	});

	it("that is gone is chosen no more, and its number may be another's", () => {
		const scheduler = pool([node("a"), node("b")], { a: [request("x", need(4))] });
		scheduler.removeNode("a");
		scheduler.setNode(node("c"));
		expect(scheduler.nodeNames()).toEqual(["b", "c"]);
		expect(where(scheduler, request("y", need(4)))).toBe("b");
		expect(scheduler.allocated("c").slots).toBe(0);
	});
});

describe("a request larger than any node", () => {
	const scheduler = pool([node("a"), node("b", { capacity: { cpu: 8, memory: 4 * GI, slots: 1 } })]);

	it.each<[string, number, number, string]>([
		["cores", 64, GI, "cpu 64 was requested; the largest node has 8"],
		["memory", 1, 9 * GI, "memory 9Gi was requested; the largest node has 8Gi"],
		["both", 9, 9 * GI, "cpu 9 was requested; the largest node has 8, and memory 9Gi was requested; the largest node has 8Gi"],
		["both of one node", 8, 8 * GI, "cpu 8 and memory 8Gi were requested; no node has that much of each"],
	])("by %s is told so with the numbers", (_, cpu, memory, sentence) => {
		expect(scheduler.tooLarge(request("x", { requests: { cpu, memory } }))).toBe(
			`${sentence}. Ask for less in spec.resources.requests, or join a larger node.`,
		);
	});

	it("is no matter while a node is large enough, be it full or cordoned", () => {
		expect(scheduler.tooLarge(request("x", need(8)))).toBeUndefined();
		const cordoned = pool([node("a"), node("big", { unschedulable: true, capacity: { cpu: 64, memory: 8 * GI, slots: 1 } })]);
		expect(cordoned.tooLarge(request("x", need(64)))).toBeUndefined();
	});

	it("is no matter when a node could be started that is large enough", () => {
		expect(scheduler.tooLarge(request("x", need(16)), node("", { capacity: { cpu: 16, memory: GI, slots: 1 } }))).toBeUndefined();
		expect(pool([]).tooLarge(request("x", need(64)), node(""))).toMatch(/^cpu 64 was requested; the largest node has 4\./);
	});

	it("is not known while there is no node to compare with", () => {
		expect(pool([]).tooLarge(request("x", need(64)))).toBeUndefined();
	});
});

describe("the account of a decision", () => {
	it("has the best first, then the refused, and leaves out what is too much", () => {
		const nodes = Array.from({ length: 30 }, (_, n) => node(`n${String(n).padStart(2, "0")}`, { ready: n !== 3 }));
		const scheduler = pool(nodes.slice(0, 4), { n01: [request("x")] });
		const few = scheduler.explain(request("a"), 7);
		expect(few).toMatchObject({ session: "default/a", at: 7, node: "n01", evaluated: 4, feasible: 3, omitted: 0 });
		expect(few.message).toBe("Successfully assigned default/a to n01");
		expect(few.nodes.map((verdict) => [verdict.node, verdict.refusedBy ?? "", verdict.reason ?? ""])).toEqual([
			["n01", "", ""],
			["n00", "", ""],
			["n02", "", ""],
			["n03", "NodeReady", "node(s) were not ready"],
		]);
		const many = pool(nodes).explain(request("a"), 7);
		expect([many.nodes.length, many.omitted, many.evaluated, many.feasible]).toEqual([20, 10, 30, 29]);
	});

	it("names every score that was looked at, and the sum of them with their weights", () => {
		const [first] = pool([node("a"), node("b")]).explain(request("x", { workspaceNode: "b" }), 0).nodes;
		expect(first).toEqual({
			node: "b",
			scores: { NodeResourcesFit: 12.5, TaintToleration: 100, WorkspaceLocality: 100 },
			total: 12.5 + 3 * 100 + 3 * 100,
		});
	});
});

describe("a new node that is only imagined", () => {
	it("would take what an empty node like it takes, and is not there afterwards", () => {
		const scheduler = pool([]);
		expect(scheduler.wouldFit(request("x", need(4)), node(""))).toBe(true);
		expect(scheduler.wouldFit(request("x", need(5)), node(""))).toBe(false);
		expect(scheduler.wouldFit(request("x", { nodeSelector: { zone: "a" } }), node(""))).toBe(false);
		expect(scheduler.nodeNames()).toEqual([]);
	});
});

describe("a scheduler that has seen very many kinds of requests", () => {
	it("forgets those that are over and nothing else", () => {
		const scheduler = pool([node("gone"), node("a"), node("b")]);
		scheduler.removeNode("gone");
		const apart = {
			sessionAntiAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [
					{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } },
				],
			},
		};
		scheduler.place({ request: request("x", { ...need(1), labels: { app: "web" }, affinity: apart }), node: "a" });
		scheduler.nominate(request("top", { ...need(3), priority: 5 }), "b");
		for (let n = 0; n < 10_000; n++) {
			const other = request("other", { tolerations: [{ key: `k${n}`, operator: "Exists" }] });
			scheduler.place({ request: other, node: "a" });
			scheduler.unplace(other.session);
			scheduler.forget(other.session);
		}
		expect(scheduler.allocated("a")).toMatchObject({ cpu: 1, slots: 1 });
		expect(scheduler.dominantShare("default")).toBe(1 / 8);
		expect(scheduler.nominated("default/top")).toBe("b");
		expect(where(scheduler, request("web", { labels: { app: "web" } }))).toBe("b");
		expect(where(scheduler, request("web", { ...need(2), labels: { app: "web" } }))).toBe(
			"0/2 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, 1 node(s) were kept for sessions of higher priority.",
		);
	});
});
