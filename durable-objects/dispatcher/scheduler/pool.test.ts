import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../../ports.ts";
import { consolidation, growth, recyclable, shrinkable } from "./pool.ts";
import { GI, node, pool, request } from "./test-pool.ts";

const template = node("", { labels: { "kubernetes.io/hostname": "", "klaw.sh/isolation": "namespace", "klaw.sh/pool": "default" } });
const limits = { starting: 0, existing: 0, max: 20, maxStarting: 4 };
const need = (cpu: number, part: Partial<LeaseRequest> = {}) => ({ requests: { cpu, memory: GI }, ...part });
const several = (count: number, cpu: number, namespace = "a") =>
	Array.from({ length: count }, (_, n) => request(`${namespace}/${cpu}-${n}`, need(cpu)));

describe("the pool grows", () => {
	it.each<[string, LeaseRequest[], Partial<typeof limits>, number]>([
		["by nothing while nobody waits", [], {}, 0],
		["by one node for those who fit one", several(4, 1), {}, 1],
		["by as many as it takes", several(5, 1), {}, 2],
		["by one for each namespace", [...several(1, 1), ...several(1, 1, "b")], {}, 2],
		["by one for each session that wants a node of its own", several(3, 1).map((each) => ({ ...each, isolation: "session" })), {}, 3],
		["by nothing when those that start will do", several(4, 1), { starting: 1, existing: 1 }, 0],
		["by what those that start leave over", several(9, 1), { starting: 1, existing: 1 }, 2],
		["by four starts at once", several(100, 1), {}, 4],
		["by fewer when some start already", several(100, 1), { starting: 3, existing: 3 }, 1],
		["up to its limit", several(100, 1), { existing: 18 }, 2],
		["not beyond its limit", several(100, 1), { existing: 25 }, 0],
		["by nothing for those who fit no node", several(3, 5), {}, 0],
		["by nothing for those whom a node does not match", [request("a/x", { nodeSelector: { gpu: "yes" } })], {}, 0],
		["also for those whose node is gone", [request("a/x", { workspaceNode: "gone", workspaceBound: true })], {}, 1],
	])("%s", (_, waiting, part, expected) => {
		expect(growth({ waiting, template, ...limits, ...part })).toBe(expected);
	});

	it("by a node for each of those who keep apart from each other", () => {
		const affinity = {
			sessionAntiAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: [
					{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } },
				],
			},
		};
		const waiting = several(3, 0.1).map((each) => ({ ...each, labels: { app: "web" }, affinity }));
		expect(growth({ waiting, template, ...limits })).toBe(3);
	});

	it("by nothing for those who must be near a session that is on another node", () => {
		const near = (topologyKey: string) => ({
			sessionAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector: { matchLabels: { app: "db" } } }] },
		});
		const scheduler = pool([node("n", { labels: { "klaw.sh/pool": "default" } })], { n: [request("a/db", { labels: { app: "db" } })] });
		const waiting = (topologyKey: string) => [request("a/w", { affinity: near(topologyKey) })];
		expect(growth({ waiting: waiting("kubernetes.io/hostname"), template, ...limits, scheduler })).toBe(0);
		expect(growth({ waiting: waiting("klaw.sh/pool"), template, ...limits, scheduler })).toBe(1);
	});

	it("by nothing for those whose files are on a node that is there", () => {
		const waiting = [request("a/w", { workspaceNode: "n", workspaceBound: true })];
		expect(growth({ waiting, template, ...limits, scheduler: pool([node("n", { ready: false })]) })).toBe(0);
	});
});

describe("the pool shrinks", () => {
	const nodes = [
		{ name: "c", tiredAt: 1_300 },
		{ name: "b", tiredAt: 1_100 },
		{ name: "a", tiredAt: 1_100 },
	];

	it.each<[string, number, number, number, string[]]>([
		["by nothing before they have been idle long enough", 1_099, 0, 3, []],
		["by the longest idle, of several the first name first", 1_100, 0, 3, ["a", "b"]],
		["by all that have been idle long enough", 1_300, 0, 3, ["a", "b", "c"]],
		["down to its minimum", 1_300, 1, 3, ["a", "b"]],
		["counting the busy ones to its minimum", 1_300, 2, 5, ["a", "b", "c"]],
		["by nothing at its minimum", 1_300, 3, 3, []],
	])("%s", (_, now, min, existing, expected) => {
		expect(shrinkable({ nodes, existing, min, now })).toEqual(expected);
	});
});

describe("a container of another namespace", () => {
	const idle = [
		{ name: "a", boundNamespace: "x", idleSince: 200 },
		{ name: "b", boundNamespace: "y", idleSince: 100 },
		{ name: "c", idleSince: 0 },
	];

	it("makes room for those whom a fresh one would help: the one that has been idle for longest", () => {
		expect(recyclable({ waiting: several(1, 1), template, idle })).toBe("b");
	});

	it("stays when nobody would be helped", () => {
		expect(recyclable({ waiting: several(1, 9), template, idle })).toBeUndefined();
		expect(recyclable({ waiting: [], template, idle })).toBeUndefined();
	});
});

describe("a container is emptied", () => {
	const nodes = () => ["a", "b", "c"].map((name) => node(name));

	it("when all its sessions fit onto others that are in use, the emptiest first", () => {
		const scheduler = pool(nodes(), { a: several(2, 1), b: [request("a/x", need(0.5))], c: [] });
		expect(consolidation({ scheduler, containers: ["a", "b", "c"] })).toBe("b");
	});

	it("is left as it is when one of them fits nowhere else", () => {
		const scheduler = pool(nodes(), { a: [request("a/x", need(2)), request("a/y", need(0))], b: [request("a/z", need(3))] });
		expect(consolidation({ scheduler, containers: ["a"] })).toBeUndefined();
	});

	it("is left as it is when they would only move to an empty one", () => {
		expect(consolidation({ scheduler: pool(nodes(), { a: several(1, 1) }), containers: ["a", "b", "c"] })).toBeUndefined();
	});

	it("is left as it is when more than half of it is in use", () => {
		const scheduler = pool(nodes(), { a: several(1, 2.1), b: several(1, 1.9) });
		expect(consolidation({ scheduler, containers: ["a"] })).toBeUndefined();
	});

	it("is left as it is when a session's files are nowhere else", () => {
		const scheduler = pool(nodes(), { a: [request("a/x", need(1, { workspaceNode: "a", workspaceBound: true }))], b: several(1, 1) });
		expect(consolidation({ scheduler, containers: ["a"] })).toBeUndefined();
	});

	it("is left as it is when a session's files came to be nowhere else after it was placed", () => {
		const scheduler = pool(nodes(), { a: [request("a/x", need(1, { workspaceBound: true }))], b: several(1, 1) });
		expect(consolidation({ scheduler, containers: ["a"] })).toBeUndefined();
	});

	it("is left as it is when the others belong to another namespace", () => {
		const mine = ["a", "b"].map((name) => node(name, { labels: { "klaw.sh/isolation": "namespace" } }));
		const scheduler = pool(mine, { a: several(1, 1), b: several(1, 1, "b") });
		expect(consolidation({ scheduler, containers: ["a", "b"] })).toBeUndefined();
	});

	it("only in thought: nothing has moved", () => {
		const scheduler = pool(nodes(), { a: several(2, 1), b: [request("a/x", need(0.5))] });
		consolidation({ scheduler, containers: ["a", "b", "c"] });
		expect(["a", "b", "c"].map((name) => scheduler.placedOn(name).map(({ session }) => session))).toEqual([
			["a/1-0", "a/1-1"],
			["a/x"],
			[],
		]);
	});
});
