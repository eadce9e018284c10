import * as z from "zod";
import { age } from "../age.ts";
import type { KindDefinition } from "../kind.ts";
import { parseQuantity } from "../quantity.ts";
import type { Resource } from "../resource.ts";

export const nodeSpecSchema = z.strictObject({});
export type NodeSpec = z.output<typeof nodeSpecSchema>;

const resourcesSchema = z.object({
	cpu: z.string(),
	memory: z.string(),
	/** Sessions at once: sessions are klaw's pods. */
	pods: z.string(),
});

export const nodeStatusSchema = z.object({
	conditions: z.array(
		z.object({
			type: z.literal("Ready"),
			status: z.enum(["True", "False", "Unknown"]),
			reason: z.string(),
			message: z.string(),
			lastTransitionTime: z.string(),
		}),
	),
	capacity: resourcesSchema,
	allocatable: resourcesSchema,
	/** What the live leases hold of it. */
	allocated: resourcesSchema,
	/** `namespace/name` of the sessions that hold a lease. */
	sessions: z.array(z.string()),
	nodeInfo: z.object({ kubeletVersion: z.string(), operatingSystem: z.string(), architecture: z.string() }),
});
export type NodeStatus = z.output<typeof nodeStatusSchema>;
export type Node = Resource<NodeSpec, NodeStatus>;

export const nodeKind: KindDefinition<NodeSpec, NodeStatus> = {
	group: "",
	version: "v1",
	kind: "Node",
	plural: "nodes",
	singular: "node",
	shortNames: ["no"],
	scope: "Cluster",
	// A node comes to be by joining.
	verbs: ["get", "list", "delete"],
	names: "subdomain",
	spec: nodeSpecSchema,
	status: nodeStatusSchema,
	columns: [
		{
			name: "Status",
			type: "string",
			description: "Whether it answers",
			cell: ({ status }) => (status.conditions.some(({ type, status }) => type === "Ready" && status === "True") ? "Ready" : "NotReady"),
		},
		{
			name: "Age",
			type: "string",
			description: "Time since it first joined",
			cell: ({ metadata }, now) => age(metadata.creationTimestamp, now),
		},
		{ name: "Version", type: "string", description: "Version of its runtime", cell: ({ status }) => status.nodeInfo.kubeletVersion },
		{
			name: "OS-Arch",
			type: "string",
			description: "Operating system and processor",
			priority: 1,
			cell: ({ status: { nodeInfo } }) => `${nodeInfo.operatingSystem}-${nodeInfo.architecture}`,
		},
		{ name: "CPU", type: "string", description: "Cores that it offers", priority: 1, cell: ({ status: { capacity } }) => capacity.cpu },
		{
			name: "Memory",
			type: "string",
			description: "Memory that it offers",
			priority: 1,
			cell: ({ status: { capacity } }) => `${(parseQuantity(capacity.memory) / 2 ** 30).toFixed(1)}Gi`,
		},
		{ name: "Slots", type: "string", description: "Sessions at once", priority: 1, cell: ({ status: { capacity } }) => capacity.pods },
		{ name: "Sessions", type: "integer", description: "Sessions that hold it", priority: 1, cell: ({ status }) => status.sessions.length },
	],
};
