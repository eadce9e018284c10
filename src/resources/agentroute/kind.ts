import * as z from "zod";
import { ageColumn } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";
import { type AgentRouteSpec, agentRouteSpecSchema } from "./schema.ts";

export interface AgentRoute extends BaseResource {
	spec: AgentRouteSpec;
}

export const agentRouteKind: KindDefinition<AgentRoute> = {
	group: "klaw.sh",
	version: "v1",
	kind: "AgentRoute",
	plural: "agentroutes",
	singular: "agentroute",
	shortNames: ["ar"],
	categories: ["klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description:
		"An AgentRoute says which Agent answers a message: the first rule that matches, or else a model that is asked, or else its default agent.",
	names: "subdomain",
	schema: z.strictObject({ spec: agentRouteSpecSchema.describe("Which agent answers what") }),
	warnings: () => ["a AgentRoute is kept and checked, and does not act yet"],
	columns: [
		{ name: "Agents", type: "string", description: "Agents that it leads to", cell: ({ spec }) => agentsOf(spec).join(",") },
		{ name: "Rules", type: "integer", description: "How many rules it has", cell: ({ spec }) => spec.rules.length },
		{
			name: "Sticky",
			type: "string",
			description: "Whether a conversation stays with its agent",
			cell: ({ spec }) => (spec.sticky ? "True" : "False"),
		},
		ageColumn,
	],
};

function agentsOf({ rules, agent }: AgentRouteSpec): string[] {
	const named = rules.map((rule) => rule.agent);
	if (agent !== undefined) named.push(agent);
	return [...new Set(named)];
}
