import { describe, expect, it } from "vitest";
import type { Affinity } from "../../../src/resources/agent/affinity.ts";
import type { LeaseRequest } from "../../ports.ts";
import { node, pool, request, where } from "./test-pool.ts";

type Rules = NonNullable<Affinity["sessionAffinity"]>;
type Term = NonNullable<Rules["requiredDuringSchedulingIgnoredDuringExecution"]>[number];

const app = (name: string): Term => ({ topologyKey: "zone", labelSelector: { matchLabels: { app: name } } });
const near = (...terms: Term[]): Partial<LeaseRequest> => ({
	affinity: { sessionAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const apart = (...terms: Term[]): Partial<LeaseRequest> => ({
	affinity: { sessionAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
});
const preferring = (weight: number, term: Term): Rules => ({
	preferredDuringSchedulingIgnoredDuringExecution: [{ weight, sessionAffinityTerm: term }],
});
const web = { labels: { app: "web" } };

const zones = () => [
	node("a1", { labels: { zone: "a" } }),
	node("a2", { labels: { zone: "a" } }),
	node("b1", { labels: { zone: "b" } }),
	node("c"),
];
const full = (name: string) => request(name, { requests: { cpu: 4, memory: 1 } });

describe("required session affinity", () => {
	it("holds on every node of the place, not only on the same one", () => {
		const scheduler = pool(zones(), { a1: [request("w", { ...web, requests: { cpu: 4, memory: 1 } })] });
		expect(where(scheduler, request("x", near(app("web"))))).toBe("a2");
	});

	it("refuses the other places and the nodes that are in none", () => {
		const scheduler = pool(zones(), { a1: [request("w", web)], a2: [full("y")] });
		scheduler.place({ request: full("z"), node: "a1" });
		expect(where(scheduler, request("x", near(app("web"))))).toBe(
			"0/4 nodes are available: 2 Insufficient cpu, 2 node(s) didn't match pod affinity rules.",
		);
	});

	it("does not look into other namespaces unless it is told to", () => {
		const scheduler = pool(zones(), { b1: [request("other/w", web)] });
		const refused = "0/4 nodes are available: 4 node(s) didn't match pod affinity rules.";
		expect(where(scheduler, request("x", near(app("web"))))).toBe(refused);
		expect(where(scheduler, request("x", near({ ...app("web"), namespaces: ["other"] })))).toBe("b1");
		expect(where(scheduler, request("x", near({ ...app("web"), namespaces: [] })))).toBe(refused);
	});

	it("lets the first of those who want to be near each other in", () => {
		expect(where(pool(zones()), request("x", { ...web, ...near(app("web")) }))).toBe("a1");
	});

	it("lets the first one only onto a node that is in a place", () => {
		const scheduler = pool([node("c")]);
		expect(where(scheduler, request("x", { ...web, ...near(app("web")) }))).toBe(
			"0/1 nodes are available: 1 node(s) didn't match pod affinity rules.",
		);
	});

	it("does not let a second one start a place of its own", () => {
		const scheduler = pool(zones(), { a1: [request("w", web)], a2: [full("y")] });
		scheduler.place({ request: request("v", { requests: { cpu: 3.5, memory: 1 } }), node: "a1" });
		expect(where(scheduler, request("x", { ...web, ...near(app("web")) }))).toMatch(/^0\/4 .*2 node\(s\) didn't match pod affinity rules/);
	});

	it("of several terms counts only sessions that match them all", () => {
		const both = { labels: { app: "web", tier: "one" } };
		const terms = near(app("web"), { topologyKey: "zone", labelSelector: { matchLabels: { tier: "one" } } });
		expect(where(pool(zones(), { a1: [request("w", web)] }), request("x", terms))).toMatch(/^0\/4/);
		expect(where(pool(zones(), { b1: [request("w", both)] }), request("x", terms))).toBe("b1");
	});

	it("of no selector means nobody, and of an empty one everybody of the namespace", () => {
		const scheduler = pool(zones(), { b1: [request("w")] });
		expect(where(scheduler, request("x", near({ topologyKey: "zone" })))).toMatch(/^0\/4/);
		expect(where(scheduler, request("x", near({ topologyKey: "zone", labelSelector: {} })))).toBe("b1");
	});

	it("is met by the next one as soon as the session is there, and no longer when it is gone", () => {
		const scheduler = pool(zones());
		expect(where(scheduler, request("x", near(app("web"))))).toMatch(/^0\/4/);
		scheduler.place({ request: request("w", web), node: "b1" });
		expect(where(scheduler, request("x", near(app("web"))))).toBe("b1");
		scheduler.unplace("default/w");
		expect(where(scheduler, request("x", near(app("web"))))).toMatch(/^0\/4/);
	});

	it("follows a node into another place", () => {
		const scheduler = pool(zones(), { a1: [request("w", web)] });
		scheduler.setNode(node("a1", { labels: { zone: "b" } }));
		scheduler.setNode(node("b1", { labels: { zone: "b" }, unschedulable: true }));
		expect(where(scheduler, request("x", near(app("web"))))).toBe("a1");
		expect(scheduler.schedule(request("x", { ...near(app("web")), requests: { cpu: 4, memory: 1 } }))).toEqual({
			message: "0/4 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 2 node(s) didn't match pod affinity rules.",
		});
	});
});

describe("required session anti-affinity", () => {
	it("keeps away from the whole place", () => {
		const scheduler = pool(zones().slice(0, 3), { a1: [request("w", web)] });
		expect(where(scheduler, request("x", apart(app("web"))))).toBe("b1");
		scheduler.place({ request: request("v", web), node: "b1" });
		expect(where(scheduler, request("x", apart(app("web"))))).toBe(
			"0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.",
		);
	});

	it("has nothing against a node that is in no place", () => {
		const scheduler = pool(zones(), { a1: [request("w", web)], b1: [request("v", web)], c: [request("u", web)] });
		expect(where(scheduler, request("x", apart(app("web"))))).toBe("c");
	});

	it("is mutual: who is there keeps others away", () => {
		const scheduler = pool(zones().slice(0, 3), { a1: [request("x", apart(app("web")))], b1: [full("z")] });
		expect(where(scheduler, request("w", web))).toBe(
			"0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy existing pods anti-affinity rules.",
		);
		expect(where(scheduler, request("v"))).toBe("a1");
		scheduler.unplace("default/x");
		expect(where(scheduler, request("w", web))).toBe("a1");
	});

	it("gives each of a kind a node of its own", () => {
		const host: Term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
		const scheduler = pool(zones());
		const taken = [0, 1, 2, 3, 4].map((n) => {
			const asked = request(`w${n}`, { ...web, ...apart(host) });
			const name = where(scheduler, asked);
			scheduler.place({ request: asked, node: name });
			return name;
		});
		expect(taken).toEqual(["a1", "a2", "b1", "c", "0/4 nodes are available: 4 node(s) didn't match pod anti-affinity rules."]);
	});
});

describe("preferred session affinity", () => {
	const only = {
		config: {
			weights: { NodeResourcesFit: 0, NodeAffinity: 0, SessionAffinity: 1, PodTopologySpread: 0, TaintToleration: 0, WorkspaceLocality: 0 },
		},
	};

	it("adds up weights and sessions, and scores the least liked node 0 and the most liked 100", () => {
		const placed = { a1: [request("w", web), request("v", web)], b1: [request("u", web)], c: [request("t", web)] };
		const scheduler = pool(zones(), placed, only.config);
		const asked = request("x", { affinity: { sessionAffinity: preferring(10, app("web")) } });
		const scores = scheduler.explain(asked, 0).nodes.map((verdict) => [verdict.node, verdict.scores?.SessionAffinity]);
		expect(scores).toEqual([
			["a1", 100],
			["a2", 100],
			["b1", 50],
			["c", 0],
		]);
	});

	it("goes elsewhere when it prefers to be apart", () => {
		const scheduler = pool(zones().slice(0, 3), { a1: [request("w", web)] });
		expect(where(scheduler, request("x", { affinity: { sessionAntiAffinity: preferring(1, app("web")) } }))).toBe("b1");
	});

	it("of those who are there counts for who comes", () => {
		const fan = request("f", { affinity: { sessionAffinity: preferring(5, app("web")) } });
		const foe = request("g", { affinity: { sessionAntiAffinity: preferring(5, app("web")) } });
		const scheduler = pool(zones().slice(0, 3), { b1: [fan], a2: [foe] });
		expect(where(scheduler, request("w", web))).toBe("b1");
		expect(where(scheduler, request("v"))).toBe("a2");
	});

	it("counts a required affinity of those who are there once", () => {
		const needs = request("f", { ...web, ...near(app("web")) });
		const scheduler = pool(zones().slice(0, 3), { b1: [needs] }, only.config);
		const verdicts = scheduler.explain(request("w", web), 0).nodes.map((verdict) => [verdict.node, verdict.scores?.SessionAffinity]);
		expect(verdicts).toEqual([
			["b1", 100],
			["a1", 0],
			["a2", 0],
		]);
	});
});
