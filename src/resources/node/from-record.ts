import type { NodeRecord, ResourceRequest } from "../../../durable-objects/ports.ts";
import { apiVersionOf } from "../kind.ts";
import { timestamp } from "../resource.ts";
import { type Node, nodeKind } from "./kind.ts";

/** What a machine brings of its own; what leases hold of it is not in here, see {@link withLeases}. */
export type MachineRecord = Omit<NodeRecord, "leases" | "allocated">;

/** A node as it is stored: what the machine says of itself, over what people said of the node. */
export function nodeFromRecord(record: MachineRecord, old: Node | undefined): Node {
	const capacity = quantities(record.capacity);
	const before = old?.metadata.uid === record.uid ? old : undefined;
	return {
		apiVersion: apiVersionOf(nodeKind),
		kind: nodeKind.kind,
		metadata: {
			generation: 1,
			...before?.metadata,
			name: record.name,
			uid: record.uid,
			resourceVersion: "",
			creationTimestamp: timestamp(record.createdAt),
			// As with a kubelet, what the machine says of itself wins over what was there, and everything else stays.
			labels: { ...before?.metadata.labels, ...record.labels },
		},
		spec: before?.spec ?? {},
		status: {
			conditions: [
				{
					type: "Ready",
					status: record.ready ? "True" : "Unknown",
					reason: record.ready ? "NodeReady" : "NodeStatusUnknown",
					message: record.ready ? "The node is connected." : "The node is not connected.",
					lastHeartbeatTime: timestamp(record.transitionAt),
					lastTransitionTime: timestamp(record.transitionAt),
				},
			],
			capacity,
			allocatable: capacity,
			allocated: quantities({ cpu: 0, memory: 0, slots: 0 }),
			sessions: [],
			nodeInfo: { kubeletVersion: record.version, operatingSystem: record.os, architecture: record.arch },
		},
	};
}

/** A node as it is shown: with what its live leases hold. */
export function withLeases(node: Node, { leases, allocated }: Pick<NodeRecord, "leases" | "allocated">): Node {
	const sessions = leases.map((lease) => lease.session).sort();
	return { ...node, status: { ...node.status, allocated: quantities(allocated), sessions } };
}

function quantities({ cpu, memory, slots }: ResourceRequest & { slots: number }) {
	return {
		cpu: Number.isInteger(cpu) ? String(cpu) : `${Math.round(cpu * 1000)}m`,
		memory: `${Math.floor(memory / 1024)}Ki`,
		pods: String(slots),
	};
}
