import { describe, expect, it } from "vitest";
import { nodeFromRecord } from "../../src/resources/node/from-record.ts";
import { type Node, nodeKind } from "../../src/resources/node/kind.ts";
import type { NodeNotice } from "../ports.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { NodeEvents } from "./node-events.ts";
import { granted, joined, request, testDispatcher } from "./test-dispatcher.ts";

const capacity = { cpu: 1, memory: 1_000, slots: 4 };
const SETTINGS = { max: 3, min: 0, sleepAfterMs: 60_000, keepUnsavedForMs: 3_600_000, capacity, labels: {}, taints: [] };

/** What is to be told of nodes since it was last asked. */
const told = (dispatcher: Dispatcher) => dispatcher.events.take().map(({ reason, message }) => `${reason}: ${message}`);

/** The node as a client writes it. */
function written(dispatcher: Dispatcher, name: string, spec: Partial<Node["spec"]>): Node {
	const stored = dispatcher.pool.ledger.node(name);
	if (!stored) throw new Error(`there is no ${nodeKind.kind} ${name}`);
	const node = nodeFromRecord(dispatcher.pool.record(stored), undefined);
	return { ...node, spec: { ...node.spec, ...spec } };
}

describe("a machine", () => {
	it("that joins is registered and ready, in Kubernetes' words", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1"));
		expect(told(dispatcher)).toEqual([
			"RegisteredNode: Node n1 event: Registered Node n1 in Controller",
			"NodeReady: Node n1 status is now: NodeReady",
		]);
		// It says hello again, for it has more memory now.
		dispatcher.nodes.joined(joined("n1", { capacity: { cpu: 1, memory: 2_000, slots: 10 } }));
		expect(told(dispatcher)).toEqual([]);
	});

	it("whose connection ends is not ready, and ready when it is back", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1"));
		told(dispatcher);
		dispatcher.nodes.left("n1", 1);
		dispatcher.nodes.left("n1", 1);
		expect(told(dispatcher)).toEqual(["NodeNotReady: Node n1 status is now: NodeNotReady"]);
		dispatcher.nodes.joined(joined("n1"));
		expect(told(dispatcher)).toEqual(["NodeReady: Node n1 status is now: NodeReady"]);
	});

	it("that is lost says how many leases went with it", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1"));
		granted(dispatcher, request("s1", 0.5));
		told(dispatcher);
		dispatcher.nodes.lost("n1", 1, 2);
		expect(told(dispatcher)).toEqual([
			"NodeNotReady: Node n1 status is now: NodeNotReady",
			"NodeLost: Nothing was heard of the node for 40 s. 1 lease was revoked.",
		]);
	});

	it("that was rebooted was not silent", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1", { bootId: "b1" }));
		told(dispatcher);
		dispatcher.nodes.lost("n1", 1, 2, true);
		dispatcher.nodes.joined(joined("n1", { incarnation: 2, bootId: "b2" }));
		expect(told(dispatcher)).toEqual([
			"NodeNotReady: Node n1 status is now: NodeNotReady",
			"Rebooted: Node n1 has been rebooted",
			"NodeReady: Node n1 status is now: NodeReady",
		]);
	});

	it("that says that it is rebooted over and over has as few events as one that was, which are counted", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1", { bootId: "b0" }));
		dispatcher.events.take();
		for (let incarnation = 1; incarnation <= 50; incarnation++) {
			dispatcher.nodes.lost("n1", incarnation, incarnation + 1, true);
			dispatcher.nodes.joined(joined("n1", { incarnation: incarnation + 1, bootId: `b${incarnation}` }));
		}
		expect(dispatcher.events.take().map(({ count }) => count)).toEqual([50, 50, 50]);
	});

	it("that is cordoned says so once, and once when it is not any more", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1"));
		told(dispatcher);
		for (const unschedulable of [true, true, false]) dispatcher.nodeChanged(written(dispatcher, "n1", { unschedulable }));
		expect(told(dispatcher)).toEqual([
			"NodeNotSchedulable: Node n1 status is now: NodeNotSchedulable",
			"NodeSchedulable: Node n1 status is now: NodeSchedulable",
		]);
	});

	it("that is deleted is removed, once", () => {
		const { dispatcher } = testDispatcher();
		dispatcher.nodes.joined(joined("n1"));
		told(dispatcher);
		dispatcher.nodes.replaced("n1", 1);
		dispatcher.nodes.replaced("n1", 1);
		expect(told(dispatcher)).toEqual(["RemovingNode: Node n1 event: Removing Node n1 from Controller"]);
	});
});

describe("a container", () => {
	function ordered() {
		const world = testDispatcher(SETTINGS);
		world.dispatcher.acquire(request("s1"));
		const [{ name } = { name: "" }] = world.dispatcher.records();
		world.dispatcher.containers.ordered(name, "start");
		return { ...world, name };
	}

	it("starts, registers when its machine answers, and stops when it is idle", () => {
		const { dispatcher, clock, name } = ordered();
		expect(told(dispatcher)).toEqual(["Starting: Starting container."]);
		dispatcher.nodes.joined(joined(name, { source: "container", capacity }));
		expect(told(dispatcher).map((line) => line.split(":")[0])).toEqual(["RegisteredNode", "NodeReady"]);
		const lease = granted(dispatcher, request("s1"));
		dispatcher.release({ session: lease.session, lease: lease.id });
		clock.now += SETTINGS.sleepAfterMs;
		dispatcher.tick();
		expect(told(dispatcher)).toEqual(["Stopping: The container is idle and is being stopped."]);
	});

	it("that cannot be started says why before its name goes, however long its log is", () => {
		const { dispatcher, name } = ordered();
		told(dispatcher);
		const log = "x".repeat(5_000);
		dispatcher.containerFailed(name, { message: `The container ended. ${log} exec format error`, final: false });
		const [failed = "", removed] = told(dispatcher);
		expect(failed).toMatch(/^FailedToStart: The container could not be started: The container ended\. x+…x+ exec format error$/);
		expect(failed.length).toBeLessThan(1_024);
		expect(removed).toContain("RemovingNode");
	});
});

describe("events that wait to be told", () => {
	const node = { name: "n1", uid: "u1" };
	const failed = () => undefined;

	it("are counted when the same happens again, and told as one", async () => {
		const events = new NodeEvents();
		for (let flap = 0; flap < 1_000; flap++) {
			events.status(node, "NodeNotReady");
			events.status(node, "NodeReady");
		}
		const heard: NodeNotice[][] = [];
		await events.tell(async (notices) => void heard.push(notices), failed);
		expect(heard).toEqual([[expect.objectContaining({ reason: "NodeNotReady", count: 1_000 }), expect.objectContaining({ count: 1_000 })]]);
		expect(events.isEmpty()).toBe(true);
	});

	it("go with those that come next when they could not be told", async () => {
		const events = new NodeEvents();
		events.status(node, "NodeReady");
		await events.tell(() => Promise.reject(new Error("not now")), failed);
		events.status(node, "NodeReady");
		const heard: NodeNotice[] = [];
		await events.tell(async (notices) => void heard.push(...notices), failed);
		expect(heard).toMatchObject([{ reason: "NodeReady", count: 2 }]);
	});

	it("are told one message at a time: what happens meanwhile goes with the next", async () => {
		const events = new NodeEvents();
		const heard: string[][] = [];
		const send = async (notices: NodeNotice[]) => {
			heard.push(notices.map(({ reason }) => reason));
			if (heard.length > 1) return;
			events.status(node, "NodeReady");
			await events.tell(send, failed);
		};
		events.registered(node);
		await events.tell(send, failed);
		expect(heard).toEqual([["RegisteredNode"], ["NodeReady"]]);
	});

	it("are few, whatever happens: the oldest are dropped", () => {
		const events = new NodeEvents();
		for (let n = 0; n < 2_000; n++) events.registered({ name: `n${n}`, uid: `u${n}` });
		const left = events.take();
		expect(left.length).toBeLessThanOrEqual(500);
		expect(left.at(-1)?.node).toBe("n1999");
	});
});
