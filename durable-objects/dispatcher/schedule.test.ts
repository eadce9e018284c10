import { describe, expect, it } from "vitest";
import type { LeaseRequest } from "../ports.ts";
import { drain, STARVING_MS } from "./queue.ts";
import { type Candidate, schedule } from "./schedule.ts";

function node(name: string, part: Partial<Candidate> = {}): Candidate {
	return {
		name,
		ready: true,
		capacity: { cpu: 2, memory: 4_000, slots: 10 },
		labels: {},
		allocated: { cpu: 0, memory: 0, slots: 0 },
		...part,
	};
}

function request(part: Partial<LeaseRequest> = {}): LeaseRequest {
	return { session: "default/a", namespace: "default", requests: { cpu: 0.5, memory: 500 }, nodeSelector: {}, ...part };
}

const used = (cpu: number, memory: number, slots = 1) => ({ allocated: { cpu, memory, slots } });

describe("schedule", () => {
	it.each<[string, Candidate[], Partial<LeaseRequest>, ReturnType<typeof schedule>]>([
		["takes the fullest node that still has room", [node("a"), node("b", used(1, 2_000))], {}, { node: "b" }],
		["breaks a tie by name", [node("b"), node("a")], {}, { node: "a" }],
		["fills a node to the last millicore", [node("a", used(1.5, 0))], {}, { node: "a" }],
		["adds tenths of cores without losing one", [node("a", used(0.1 + 0.2 + 1.2, 0))], {}, { node: "a" }],
		["keeps a session at its workspace", [node("a"), node("b", used(1, 2_000))], { workspaceNode: "a" }, { node: "a" }],
		["forgets a workspace whose node is gone", [node("a")], { workspaceNode: "gone" }, { node: "a" }],
		["follows the node selector", [node("a"), node("b", { labels: { gpu: "yes" } })], { nodeSelector: { gpu: "yes" } }, { node: "b" }],
	])("%s", (_, nodes, part, placement) => {
		expect(schedule(nodes, request(part))).toEqual(placement);
	});

	it("counts the reasons of a refusal in Kubernetes' words", () => {
		const nodes = [
			node("a", used(1.9, 0)),
			node("b", used(1.8, 0)),
			node("c", used(0, 3_900)),
			node("d", { ready: false }),
			node("e", used(0, 0, 10)),
			node("f", { labels: { zone: "x" } }),
		];
		expect(schedule(nodes.slice(0, 5), request())).toEqual({
			message: "0/5 nodes are available: 1 Insufficient memory, 1 Too many pods, 1 node(s) were not ready, 2 Insufficient cpu.",
		});
		expect(schedule([nodes[5] ?? node("f")], request({ nodeSelector: { zone: "y" } }))).toEqual({
			message: "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
		});
	});

	it("says how to join a node when there is none", () => {
		expect(schedule([], request())).toEqual({ message: expect.stringMatching(/^0\/0 nodes are available: .*klaw node join/) });
	});
});

describe("the queue", () => {
	const big = request({ session: "default/big", requests: { cpu: 2, memory: 500 } });
	const small = (n: number) => request({ session: `default/small${n}` });

	it("is served oldest first", () => {
		const waiting = [3, 1, 2].map((n) => ({ request: request({ session: `default/s${n}`, requests: { cpu: 1, memory: 1 } }), since: n }));
		expect(drain([node("a")], waiting, 10).map(({ request: { session } }) => session)).toEqual(["default/s1", "default/s2"]);
	});

	it("lets small ones pass a big one that does not fit yet", () => {
		const nodes = [node("a", used(1, 0))];
		const waiting = [
			{ request: big, since: 0 },
			{ request: small(1), since: 1 },
		];
		expect(drain(nodes, waiting, 1_000).map(({ request: { session } }) => session)).toEqual(["default/small1"]);
	});

	it("keeps a node for a big one that has waited too long", () => {
		const nodes = [node("a", used(1, 0)), node("tiny", { capacity: { cpu: 1, memory: 4_000, slots: 10 } })];
		const waiting = [
			{ request: big, since: 0 },
			{ request: small(1), since: 1 },
			{ request: small(2), since: 2 },
			{ request: small(3), since: 3 },
		];
		const grants = drain(nodes, waiting, STARVING_MS).map(({ request: { session }, node: at }) => [session, at]);
		expect(grants).toEqual([
			["default/small1", "tiny"],
			["default/small2", "tiny"],
		]);
	});

	it("keeps a node also for one whose workspace went with its old node", () => {
		const nodes = [node("a", used(1, 0))];
		const waiting = [
			{ request: { ...big, workspaceNode: "gone" }, since: 0 },
			{ request: small(1), since: 1 },
		];
		expect(drain(nodes, waiting, STARVING_MS)).toEqual([]);
	});

	it("never moves a session away from its workspace for a starving one", () => {
		const nodes = [node("a", used(1, 0)), node("b")];
		const waiting = [
			{ request: { ...big, workspaceNode: "a" }, since: 0 },
			{ request: { ...small(1), workspaceNode: "a" }, since: 1 },
		];
		expect(drain(nodes, waiting, STARVING_MS)).toEqual([]);
	});
});
