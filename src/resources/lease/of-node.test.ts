import { expect, test } from "vitest";
import { printed } from "../test-kind.ts";
import { leaseKind } from "./kind.ts";
import { leaseOfNode } from "./of-node.ts";

const at = Date.UTC(2026, 10, 22, 8);
const node = { name: "n1", uid: "u", createdAt: at, transitionAt: at, incarnation: 1 };

test("the heartbeat of a node says who it is, when it was last heard of, and when it counts as lost", () => {
	const lease = leaseOfNode({ ...node, heardAt: at + 1_234 });
	expect(lease.metadata).toMatchObject({ name: "n1", namespace: "kube-node-lease" });
	expect(lease.spec).toEqual({ holderIdentity: "n1", leaseDurationSeconds: 40, renewTime: "2026-11-22T08:00:01.234000Z" });
	expect(leaseKind.schema.parse({ spec: lease.spec })).toEqual({ spec: lease.spec });
	expect(printed(leaseKind, lease)).toBe("n1  n1  5m");
});

test("a node that was not heard of since it joined was heard of then", () => {
	expect(leaseOfNode(node).spec.renewTime).toBe("2026-11-22T08:00:00.000000Z");
});
