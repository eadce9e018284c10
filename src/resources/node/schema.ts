import * as z from "zod";
import { conditionSchema } from "../conditions.ts";

export const nodeSpecSchema = z.strictObject({
	unschedulable: z.boolean().optional().describe("No new sessions come here: the node is cordoned"),
	taints: z
		.array(
			z.strictObject({
				key: z.string().min(1).max(317).describe("Key of the taint"),
				value: z.string().max(63).optional().describe("Value of the taint"),
				effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).describe("What it does to sessions that do not tolerate it"),
				timeAdded: z.string().optional().describe("When it was added"),
			}),
		)
		.max(64)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.optional()
		.describe("What keeps sessions away that do not tolerate it"),
	podCIDR: z.string().optional().describe("Accepted and not used: sessions have no network addresses"),
	providerID: z.string().optional().describe("The machine's name at its provider"),
});
export type NodeSpec = z.output<typeof nodeSpecSchema>;
export type Taint = NonNullable<NodeSpec["taints"]>[number];

const resourcesSchema = z.object({
	cpu: z.string().describe("Cores"),
	memory: z.string().describe("Bytes of memory"),
	"ephemeral-storage": z.string().optional().describe("Bytes of disk; absent: not limited"),
	pods: z.string().describe("Sessions at once: sessions are klaw's pods"),
});

export const nodeStatusSchema = z.object({
	conditions: z
		.array(conditionSchema.extend({ lastHeartbeatTime: z.string().optional().describe("When the node was last heard of") }))
		.max(64)
		.meta({
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["type"],
			"x-kubernetes-patch-strategy": "merge",
			"x-kubernetes-patch-merge-key": "type",
		})
		.describe("How the node stands, one entry a type"),
	addresses: z
		.array(z.object({ type: z.string().describe("InternalIP, ExternalIP or Hostname"), address: z.string().describe("The address") }))
		.meta({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] })
		.optional()
		.describe("Where it can be reached, if at all: nodes call klaw, not the reverse"),
	capacity: resourcesSchema.describe("What it has"),
	allocatable: resourcesSchema.describe("What sessions may have of it"),
	allocated: resourcesSchema.describe("What the live leases hold of it"),
	sessions: z.array(z.string()).describe("namespace/name of the sessions that hold a lease"),
	nodeInfo: z
		.object({
			kubeletVersion: z.string().describe("Version of klaw's runtime on it"),
			operatingSystem: z.string().describe("linux or darwin"),
			architecture: z.string().describe("amd64 or arm64"),
			osImage: z.string().optional().describe("Name of the operating system"),
			kernelVersion: z.string().optional().describe("Version of the kernel"),
			containerRuntimeVersion: z
				.string()
				.optional()
				.describe("What sessions are kept apart with: klaw-sandbox://none, user (a Unix user each) or bubblewrap"),
			machineID: z.string().optional().describe("Random identity of the machine's runtime"),
			systemUUID: z.string().optional().describe("The same"),
			bootID: z.string().optional().describe("Another one after each boot of the machine, where it can tell"),
		})
		.describe("What it runs"),
});
export type NodeStatus = z.output<typeof nodeStatusSchema>;
