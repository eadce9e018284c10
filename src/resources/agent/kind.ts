import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { TOOLS } from "../../tools/registry.ts";
import { age } from "../age.ts";
import type { KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { type AgentSpec, agentSpecSchema } from "./schema.ts";

export const agentStatusSchema = z.object({
	/** Digest of the spec. */
	revision: z.string(),
	observedGeneration: z.number().int(),
	// What follows is derived from the agent's sessions whenever it is read.
	phase: z.enum(["Idle", "Running", "Waiting"]).optional(),
	sessions: z.number().int().optional(),
	lastRun: z.object({ phase: z.string(), time: z.string() }).optional(),
});
export type AgentStatus = z.output<typeof agentStatusSchema>;
export type Agent = Resource<AgentSpec, AgentStatus>;

export const agentKind: KindDefinition<AgentSpec, AgentStatus> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Agent",
	plural: "agents",
	singular: "agent",
	shortNames: ["ag"],
	scope: "Namespaced",
	verbs: ["get", "list", "create", "update", "delete"],
	names: "subdomain",
	spec: agentSpecSchema,
	status: agentStatusSchema,
	validate: unknownTools,
	columns: [
		{ name: "Status", type: "string", description: "What its sessions are doing", cell: ({ status }) => status.phase ?? "Idle" },
		{ name: "Model", type: "string", description: "provider/model", cell: ({ spec }) => spec.model ?? "<default>" },
		{
			name: "Last Run",
			type: "string",
			description: "How its newest run went, and when",
			cell: ({ status: { lastRun } }, now) => (lastRun ? `${lastRun.phase} (${age(lastRun.time, now)} ago)` : "<none>"),
		},
		{ name: "Age", type: "string", description: "Time since creation", cell: ({ metadata }, now) => age(metadata.creationTimestamp, now) },
		{
			name: "Tools",
			type: "string",
			description: "Tools it may use",
			priority: 1,
			cell: ({ spec: { tools } }) => (tools === undefined ? "<all>" : tools.join(",") || "<none>"),
		},
		{ name: "Sessions", type: "integer", description: "How many sessions it has", priority: 1, cell: ({ status }) => status.sessions ?? 0 },
		{ name: "Revision", type: "string", description: "Digest of its spec", priority: 1, cell: ({ status }) => status.revision },
	],
};

function unknownTools({ tools = [] }: AgentSpec): Cause[] {
	const known = TOOLS.map((tool) => tool.name);
	return tools.flatMap((name, index) =>
		known.includes(name)
			? []
			: [
					{
						reason: "FieldValueNotSupported",
						field: `spec.tools[${index}]`,
						message: `Unsupported value: "${name}": supported values: ${known.map((tool) => `"${tool}"`).join(", ")}`,
					},
				],
	);
}
