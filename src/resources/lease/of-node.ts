import { NODE_LOST_MS, type NodeRecord } from "../../../durable-objects/ports.ts";
import { apiVersionOf } from "../kind.ts";
import { timestamp } from "../resource.ts";
import { type Lease, leaseKind, NODE_LEASES } from "./kind.ts";

/** What the heartbeat of a node is made of. */
export type Heard = Pick<NodeRecord, "name" | "uid" | "createdAt" | "transitionAt" | "heardAt" | "incarnation">;

/** The heartbeat of a node as Kubernetes shows it. */
export function leaseOfNode({ name, uid, createdAt, transitionAt, heardAt = transitionAt }: Heard): Lease {
	const { kind } = leaseKind;
	return {
		apiVersion: apiVersionOf(leaseKind),
		kind,
		metadata: {
			name,
			namespace: NODE_LEASES,
			uid,
			resourceVersion: String(heardAt),
			creationTimestamp: timestamp(createdAt),
			ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }],
		},
		spec: { holderIdentity: name, leaseDurationSeconds: NODE_LOST_MS / 1000, renewTime: microTime(heardAt) },
	};
}

/** Kubernetes writes the times of leases to the microsecond. */
function microTime(ms: number): string {
	return new Date(ms).toISOString().replace("Z", "000Z");
}
