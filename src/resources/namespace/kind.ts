import * as z from "zod";
import { ageColumn } from "../columns.ts";
import { conditionsSchema } from "../conditions.ts";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const namespaceSpecSchema = z.strictObject({
	finalizers: z
		.array(z.string().max(316))
		.max(64)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.default(["kubernetes"])
		.describe("What must be removed before the namespace goes: kubernetes until everything in it is deleted"),
});

const namespaceStatusSchema = z.object({
	phase: z.enum(["Active", "Terminating"]).describe("Active, or Terminating while what is in it is deleted"),
	conditions: conditionsSchema.optional(),
});

export interface Namespace extends BaseResource {
	spec: z.output<typeof namespaceSpecSchema>;
	status?: z.output<typeof namespaceStatusSchema>;
}

export const namespaceKind: KindDefinition<Namespace> = {
	group: "",
	version: "v1",
	kind: "Namespace",
	plural: "namespaces",
	singular: "namespace",
	shortNames: ["ns"],
	scope: "Cluster",
	verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
	description: "A Namespace is the boundary of a tenant: agents, secrets, permissions, quotas and budgets.",
	names: "label",
	schema: z.strictObject({ spec: namespaceSpecSchema.prefault({}).describe("What keeps it") }),
	status: namespaceStatusSchema,
	selectableFields: { "status.phase": phase },
	columns: [{ name: "Status", type: "string", description: "How it stands", cell: phase }, ageColumn],
};

function phase({ metadata, status }: Namespace): string {
	return metadata.deletionTimestamp === undefined ? (status?.phase ?? "Active") : "Terminating";
}
