import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { GI, node, pool, request, where } from "./test-pool.ts";

const of = (priority: number, cpu = 2, part: Partial<LeaseRequest> = {}): Partial<LeaseRequest> => ({
	priority,
	requests: { cpu, memory: GI },
	...part,
});
const urgent = (cpu = 4, part: Partial<LeaseRequest> = {}) => request("urgent", of(100, cpu, part));

describe("preemption", () => {
	it("asks nobody to leave whose room is not needed, and spares the most important", () => {
		const scheduler = pool([node("n")], { n: [request("low", of(1, 1)), request("mid", of(5, 1)), request("other", of(5, 2))] });
		expect(scheduler.preempt(urgent(1))).toEqual({ node: "n", victims: ["default/low"] });
	});

	it("takes the node whose most important victim is the least important", () => {
		const scheduler = pool([node("a"), node("b")], {
			a: [request("x", of(10, 4))],
			b: [request("y", of(3)), request("z", of(4))],
		});
		expect(scheduler.preempt(urgent())?.node).toBe("b");
	});

	it("then the smallest sum of priorities", () => {
		const scheduler = pool([node("a"), node("b")], {
			a: [request("x", of(4)), request("y", of(4))],
			b: [request("z", of(4)), request("w", of(3))],
		});
		expect(scheduler.preempt(urgent())).toEqual({ node: "b", victims: ["default/z", "default/w"] });
	});

	it("counts one more victim as more, also when priorities are negative", () => {
		const scheduler = pool([node("a"), node("b")], {
			a: [request("x", of(-5)), request("y", of(-5))],
			b: [request("z", of(-5, 4))],
		});
		expect(scheduler.preempt(urgent())).toEqual({ node: "b", victims: ["default/z"] });
	});

	it("then whoever came last, then the first name", () => {
		const scheduler = pool([node("a"), node("b")], { a: [request("x", of(1, 4))], b: [request("y", of(1, 4))] });
		expect(scheduler.preempt(urgent())).toEqual({ node: "b", victims: ["default/y"] });
	});

	it.each<[string, LeaseRequest]>([
		["when its policy is Never", urgent(4, { preemptionPolicy: "Never" })],
		["of sessions of the same priority", request("urgent", of(5, 4))],
		["when it would not fit an empty node either", urgent(5)],
		["when no such node is there", urgent(4, { nodeSelector: { zone: "x" } })],
	])("asks nobody %s", (_, asked) => {
		expect(pool([node("n")], { n: [request("x", of(5, 4))] }).preempt(asked)).toBeUndefined();
	});

	it("asks only those that may be asked", () => {
		const scheduler = pool([node("a"), node("b")], { a: [request("x", of(1, 4))], b: [request("y", of(1, 4))] });
		expect(scheduler.preempt(urgent(), (session) => session !== "default/y")).toEqual({ node: "a", victims: ["default/x"] });
	});

	it("clears a node of another namespace", () => {
		const scheduler = pool([node("n", { labels: { "klaw.sh/isolation": "namespace" } })], {
			n: [request("other/x", of(1, 1)), request("other/y", of(2, 1))],
		});
		expect(scheduler.preempt(urgent(1))).toEqual({ node: "n", victims: ["other/y", "other/x"] });
	});

	it("does not clear a container of another namespace, which would stay its own", () => {
		const bound = node("n", { labels: { "klaw.sh/isolation": "namespace" }, boundNamespace: "other" });
		expect(pool([bound], { n: [request("other/x", of(1, 1))] }).preempt(urgent(1))).toBeUndefined();
	});

	it("removes whoever it must be apart from", () => {
		const apart = {
			sessionAntiAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [
					{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } },
				],
			},
		};
		const scheduler = pool([node("n")], { n: [request("w", of(1, 1, { labels: { app: "web" } })), request("x", of(1, 1))] });
		expect(scheduler.preempt(urgent(1, { affinity: apart }))).toEqual({ node: "n", victims: ["default/w"] });
	});

	it("leaves everything as it was", () => {
		const scheduler = pool([node("a"), node("b")], { a: [request("x", of(1, 4))], b: [request("y", of(1, 3))] });
		scheduler.preempt(urgent());
		expect([scheduler.allocated("a"), scheduler.allocated("b")]).toMatchObject([
			{ cpu: 4, slots: 1 },
			{ cpu: 3, slots: 1 },
		]);
		expect(where(scheduler, request("z", of(1, 1)))).toBe("b");
	});

	it("says in Kubernetes' words why it does not help", () => {
		const nodes = [node("a"), node("b"), node("c", { unschedulable: true })];
		const scheduler = pool(nodes, { a: [request("x", of(1, 3)), request("v", of(200, 1))], b: [request("y", of(200, 4))] });
		expect(scheduler.preemptionMessage(urgent())).toBe(
			"preemption: 0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.",
		);
		expect(scheduler.preemptionMessage(urgent(4, { preemptionPolicy: "Never" }))).toBe(
			"preemption: not eligible due to preemptionPolicy=Never.",
		);
	});
});

describe("room that is kept", () => {
	const kept = () => {
		const scheduler = pool([node("n")], { n: [request("x", of(1, 3))] });
		scheduler.nominate(urgent(3), "n");
		return scheduler;
	};

	it("is not given to a lower priority, before its victims leave and after", () => {
		const scheduler = kept();
		const message = "0/1 nodes are available: 1 node(s) were kept for sessions of higher priority.";
		expect(where(scheduler, request("y", of(1, 1)))).toBe(message);
		scheduler.unplace("default/x");
		expect(where(scheduler, request("y", of(1, 2)))).toBe(message);
		expect(where(scheduler, request("y", of(1, 1)))).toBe("n");
	});

	it("is not given to the same priority either, but to a higher one and to whom it is kept for", () => {
		const scheduler = kept();
		expect(where(scheduler, request("y", of(100, 1)))).toMatch(/were kept for sessions/);
		expect(where(scheduler, request("y", of(101, 1)))).toBe("n");
		scheduler.unplace("default/x");
		expect(where(scheduler, urgent(3))).toBe("n");
	});

	it("is free again when it is forgotten, and when it is placed is held", () => {
		const scheduler = kept();
		expect(scheduler.nominated("default/urgent")).toBe("n");
		scheduler.forget("default/urgent");
		expect(where(scheduler, request("y", of(1, 1)))).toBe("n");
		scheduler.unplace("default/x");
		scheduler.nominate(urgent(3), "n");
		scheduler.place({ request: urgent(3), node: "n" });
		expect(scheduler.nominated("default/urgent")).toBeUndefined();
		expect(scheduler.allocated("n")).toMatchObject({ cpu: 3, slots: 1 });
	});

	it("keeps other namespaces off too", () => {
		const scheduler = pool([node("n", { labels: { "klaw.sh/isolation": "namespace" } })]);
		scheduler.nominate(urgent(1), "n");
		expect(where(scheduler, request("other/y", of(1, 1)))).toMatch(/kept for sessions of higher priority/);
		expect(where(scheduler, request("y", of(1, 1)))).toBe("n");
	});

	it("goes with its node", () => {
		const scheduler = kept();
		scheduler.removeNode("n");
		scheduler.setNode(node("n"));
		expect(where(scheduler, request("y", of(1, 4)))).toBe("n");
	});
});
