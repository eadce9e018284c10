import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { TOOLS } from "../../tools/registry.ts";
import { age } from "../age.ts";
import { ageColumn, listed, NONE } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { foreignNamespaces } from "./foreign-namespaces.ts";
import { notYet } from "./not-yet.ts";
import { excessiveRequests } from "./resources.ts";
import { type AgentSpec, agentSpecSchema } from "./schema.ts";
import { type AgentStatus, agentStatusSchema } from "./status.ts";

export type { AgentStatus } from "./status.ts";
export { agentStatusSchema } from "./status.ts";
export type Agent = Resource<AgentSpec, AgentStatus>;

export const agentKind: KindDefinition<Agent> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Agent",
	plural: "agents",
	singular: "agent",
	shortNames: ["ag"],
	categories: ["all", "klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
	description: "An Agent declares what an agent is: its model, instructions, skills, tools, limits and placement. Sessions run it.",
	names: "subdomain",
	schema: z.strictObject({ spec: agentSpecSchema.prefault({}).describe("What the agent is to be") }),
	status: agentStatusSchema,
	validate: (agent) => [...unknownTools(agent.spec), ...excessiveRequests(agent.spec.resources), ...foreignNamespaces(agent)],
	warnings: ({ spec }) => notYet(spec),
	columns: [
		{ name: "Status", type: "string", description: "What its sessions are doing", cell: ({ status }) => status.phase ?? "Idle" },
		{ name: "Model", type: "string", description: "provider/model", cell: ({ spec }) => spec.model ?? "<default>" },
		{
			name: "Last Run",
			type: "string",
			description: "How its newest run went, and when",
			cell: ({ status: { lastRun } }, now) => (lastRun ? `${lastRun.phase} (${age(lastRun.time, now)} ago)` : NONE),
		},
		ageColumn,
		{ name: "Skills", type: "string", description: "Skills it can load", priority: 1, cell: ({ spec }) => listed(spec.skills) },
		{
			name: "Tools",
			type: "string",
			description: "Tools it may use",
			priority: 1,
			cell: ({ spec: { tools } }) => (tools === undefined ? "<all>" : listed(tools)),
		},
		{ name: "Sessions", type: "integer", description: "How many sessions it has", priority: 1, cell: ({ status }) => status.sessions ?? 0 },
		{ name: "Nodes", type: "string", description: "Nodes that its sessions hold", priority: 1, cell: ({ status }) => listed(status.nodes) },
		{ name: "Revision", type: "string", description: "Digest of its spec", priority: 1, cell: ({ status }) => status.revision },
	],
};

function unknownTools({ tools = [], approval }: AgentSpec): Cause[] {
	const known = TOOLS.map((tool) => tool.name);
	const named = [
		...tools.map((name, index) => ({ name, field: `spec.tools[${index}]` })),
		...Object.keys(approval?.tools ?? {}).map((name) => ({ name, field: `spec.approval.tools[${name}]` })),
	];
	const supported = known.map((tool) => `"${tool}"`).join(", ");
	return named
		.filter(({ name }) => !known.includes(name))
		.map(({ name, field }) => ({
			reason: "FieldValueNotSupported",
			field,
			message: `Unsupported value: "${name}": supported values: ${supported}`,
		}));
}
