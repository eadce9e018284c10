import type { NodeRecord, ResourceRequest } from "../../../durable-objects/ports.ts";
import { apiVersionOf } from "../kind.ts";
import { timestamp } from "../resource.ts";
import { type Node, nodeKind } from "./kind.ts";

/** A node as the API shows it, of what the dispatcher knows. */
export function nodeFromRecord(record: NodeRecord): Node {
	const capacity = quantities(record.capacity);
	return {
		apiVersion: apiVersionOf(nodeKind),
		kind: nodeKind.kind,
		metadata: {
			name: record.name,
			uid: record.uid,
			// Nodes live outside any namespace's commit counter; this changes whenever what is shown of readiness does.
			resourceVersion: String(record.transitionAt),
			generation: 1,
			creationTimestamp: timestamp(record.createdAt),
			labels: record.labels,
		},
		spec: {},
		status: {
			conditions: [
				{
					type: "Ready",
					status: record.ready ? "True" : "Unknown",
					reason: record.ready ? "NodeReady" : "NodeStatusUnknown",
					message: record.ready ? "The node is connected." : "The node is not connected.",
					lastTransitionTime: timestamp(record.transitionAt),
				},
			],
			capacity,
			allocatable: capacity,
			allocated: quantities(record.allocated),
			sessions: record.leases.map((lease) => lease.session).sort(),
			nodeInfo: { kubeletVersion: record.version, operatingSystem: record.os, architecture: record.arch },
		},
	};
}

function quantities({ cpu, memory, slots }: ResourceRequest & { slots: number }) {
	return {
		cpu: Number.isInteger(cpu) ? String(cpu) : `${Math.round(cpu * 1000)}m`,
		memory: `${Math.floor(memory / 1024)}Ki`,
		pods: String(slots),
	};
}
