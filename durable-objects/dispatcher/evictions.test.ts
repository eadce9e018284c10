import { describe, expect, it } from "vitest";
import type { NodeTaint } from "../../containers/node/protocol.ts";
import type { Toleration } from "../../src/resources/agent/affinity.ts";
import { nodeStatusSchema } from "../../src/resources/node/kind.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { granted, joined, request, testDispatcher } from "./test-dispatcher.ts";

const AMOUNTS = { cpu: "1", memory: "1Ki", pods: "1" };
const STATUS = nodeStatusSchema.parse({
	...{ conditions: [], capacity: AMOUNTS, allocatable: AMOUNTS, allocated: AMOUNTS, sessions: [] },
	nodeInfo: { kubeletVersion: "1", operatingSystem: "linux", architecture: "amd64" },
});
const OLD: NodeTaint = { key: "old", effect: "NoExecute" };

function taint(dispatcher: Dispatcher, name: string, taints: NodeTaint[]): void {
	dispatcher.nodeChanged({
		...{ apiVersion: "v1", kind: "Node", spec: { taints }, status: STATUS },
		metadata: { name, uid: `uid-${name}`, resourceVersion: "1", creationTimestamp: "" },
	});
}

/** One session on the node `a`, which is then tainted. */
function tainted(tolerations: Toleration[], taints: NodeTaint[] = [OLD]) {
	const world = testDispatcher();
	world.dispatcher.nodes.joined(joined("a"));
	world.dispatcher.told(granted(world.dispatcher, request("s1", 0.5, { tolerations })));
	world.clock.now += 5_000;
	taint(world.dispatcher, "a", taints);
	return world;
}

describe("a taint NoExecute", () => {
	it("has sessions that do not tolerate it leave at the next boundary of a tool call", () => {
		expect(tainted([]).dispatcher.pool.recalls()).toMatchObject([
			{ session: "default/s1", recall: { cause: "Evicted", reason: "node a has the taint old:NoExecute", told: false } },
		]);
	});

	it("is borne for good by those who tolerate it without a time", () => {
		const { dispatcher, clock } = tainted([{ key: "old", operator: "Exists" }]);
		clock.now += 100_000;
		dispatcher.tick();
		expect(dispatcher.pool.recalls()).toEqual([]);
	});

	it("is borne for the shortest tolerationSeconds that was given, since it was added, also over a restart and other changes", () => {
		const bears = (tolerationSeconds: number): Toleration => ({ key: "old", operator: "Exists", effect: "NoExecute", tolerationSeconds });
		const { dispatcher, clock, restart } = tainted([bears(60), bears(90)]);
		const due = clock.now + 60_000;
		expect(dispatcher.dueAt()).toBe(due);
		clock.now += 10_000;
		taint(dispatcher, "a", [OLD, { key: "more", effect: "PreferNoSchedule" }]);
		const later = restart();
		expect(later.dueAt()).toBe(due);
		clock.now = due - 1;
		later.tick();
		expect(later.pool.recalls()).toEqual([]);
		clock.now = due;
		later.tick();
		expect(later.pool.recalls()).toMatchObject([{ session: "default/s1", recall: { cause: "Evicted" } }]);
	});

	it("that is taken away in time evicts nobody", () => {
		const { dispatcher, clock } = tainted([{ key: "old", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 }]);
		taint(dispatcher, "a", []);
		clock.now += 60_000;
		dispatcher.tick();
		expect(dispatcher.pool.recalls()).toEqual([]);
	});

	it("that only says how the node stands, or another effect, evicts nobody", () => {
		const unreachable: NodeTaint = { key: "node.kubernetes.io/unreachable", effect: "NoExecute" };
		expect(tainted([], [unreachable, { key: "old", effect: "NoSchedule" }]).dispatcher.pool.recalls()).toEqual([]);
	});
});
