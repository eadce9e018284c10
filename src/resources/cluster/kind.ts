import * as z from "zod";
import { ageColumn, NONE } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const clusterSpecSchema = z.strictObject({
	displayName: z.string().max(256).optional().describe("What people call it"),
	description: z.string().max(4096).optional().describe("What it is for"),
});

const clusterStatusSchema = z.object({ phase: z.enum(["Active", "Terminating"]).describe("How it stands") });

export interface Cluster extends BaseResource {
	spec: z.output<typeof clusterSpecSchema>;
	status?: z.output<typeof clusterStatusSchema>;
}

export const clusterKind: KindDefinition<Cluster> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Cluster",
	plural: "clusters",
	singular: "cluster",
	shortNames: ["cl"],
	categories: ["klaw"],
	scope: "Cluster",
	verbs: ALL_VERBS,
	description: "A Cluster is an isolated control plane of its own under /clusters/NAME, with its own namespaces, keys and users.",
	// It is a part of URLs and of the names of Durable Objects.
	names: "label",
	schema: z.strictObject({ spec: clusterSpecSchema.prefault({}).describe("What it is") }),
	status: clusterStatusSchema,
	columns: [
		{ name: "Display Name", type: "string", description: "What people call it", cell: ({ spec }) => spec.displayName ?? NONE },
		{
			name: "Status",
			type: "string",
			description: "How it stands",
			cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? "Active") : "Terminating"),
		},
		ageColumn,
	],
};
