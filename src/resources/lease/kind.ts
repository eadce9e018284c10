import * as z from "zod";
import { ageColumn, NONE } from "../columns.ts";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const leaseSpecSchema = z.strictObject({
	holderIdentity: z.string().optional().describe("Who holds it: the node"),
	leaseDurationSeconds: z.number().int().optional().describe("Seconds after renewTime at which the node counts as lost"),
	acquireTime: z.string().optional().describe("Since when it is held"),
	renewTime: z.string().optional().describe("When the node was last heard of"),
	leaseTransitions: z.number().int().optional().describe("How often another machine took the node's name"),
});

export interface Lease extends BaseResource {
	spec: z.output<typeof leaseSpecSchema>;
}

/** Where Kubernetes keeps the leases of nodes. */
export const NODE_LEASES = "kube-node-lease";

/** Not what a session holds of a node: the heartbeat of a node, in which `kubectl describe node` shows how alive it is. */
export const leaseKind: KindDefinition<Lease> = {
	group: "coordination.k8s.io",
	version: "v1",
	kind: "Lease",
	plural: "leases",
	singular: "lease",
	shortNames: [],
	scope: "Namespaced",
	// Made from what the dispatcher knows of a node whenever it is looked at.
	verbs: ["get", "list"],
	description: `A Lease in the namespace ${NODE_LEASES} is the heartbeat of the node of its name. It is read, not written.`,
	names: "subdomain",
	schema: z.strictObject({ spec: leaseSpecSchema.prefault({}).describe("Whose heartbeat, and when it was last felt") }),
	columns: [{ name: "Holder", type: "string", description: "The node", cell: ({ spec }) => spec.holderIdentity ?? NONE }, ageColumn],
};
