import * as z from "zod";
import { agentSpecSchema } from "../agent/schema.ts";
import { ageColumn } from "../columns.ts";
import { immutable } from "../immutable.ts";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const agentRevisionSpecSchema = z.strictObject({
	agent: z.string().describe("The agent"),
	revision: z.number().int().min(1).describe("Counts the revisions of the agent; going back to an old one gives it a new number"),
	template: agentSpecSchema.describe("The agent's spec as it was"),
});

export interface AgentRevision extends BaseResource {
	spec: z.output<typeof agentRevisionSpecSchema>;
}

export const agentRevisionKind: KindDefinition<AgentRevision> = {
	group: "klaw.sh",
	version: "v1",
	kind: "AgentRevision",
	plural: "agentrevisions",
	singular: "agentrevision",
	shortNames: ["arev"],
	categories: ["klaw"],
	scope: "Namespaced",
	// The server makes them; to delete one is to forget that it can be gone back to.
	verbs: ["delete", "deletecollection", "get", "list", "watch"],
	description:
		"An AgentRevision is an immutable snapshot of an Agent's spec, named by its digest. The server makes one whenever the spec changes.",
	names: "subdomain",
	schema: z.strictObject({ spec: agentRevisionSpecSchema.describe("The snapshot") }),
	validateUpdate: (old, next) => immutable("spec", old.spec, next.spec),
	selectableFields: { "spec.agent": ({ spec }) => spec.agent },
	columns: [
		{ name: "Agent", type: "string", description: "The agent", cell: ({ spec }) => spec.agent },
		{ name: "Revision", type: "integer", description: "Number of the revision", cell: ({ spec }) => spec.revision },
		ageColumn,
	],
};
