import { expect, it } from "vitest";
import { MemoryHost } from "../../test/fakes/memory-host.ts";
import type { NodeNotice } from "../ports.ts";
import { nodeNotices } from "./node-notices.ts";

const flapped: NodeNotice = {
	node: "n1",
	uid: "u1",
	type: "Normal",
	reason: "NodeReady",
	message: "Node n1 status is now: NodeReady",
	count: 3,
};

it("what happened to a node several times since it was last told is one event that counts, however often it is told", () => {
	const world = new MemoryHost();
	world.host.commit(nodeNotices([flapped]));
	world.now += 5_000;
	world.host.commit(
		nodeNotices([
			{ ...flapped, count: 2 },
			{ ...flapped, uid: "u2", count: 1 },
		]),
	);
	const reply = world.ask({ verb: "list" }, "events");
	const events = reply.type === "list" ? reply.items : [];
	expect(events).toHaveLength(2);
	expect(events).toContainEqual(
		expect.objectContaining({
			...{ reason: "NodeReady", count: 5, firstTimestamp: "2026-11-22T08:00:00Z", lastTimestamp: "2026-11-22T08:00:05Z" },
			// A node is in no namespace: kubectl asks for events of which the object has none.
			involvedObject: { apiVersion: "v1", kind: "Node", name: "n1", uid: "u1" },
		}),
	);
});
