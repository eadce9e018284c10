import * as z from "zod";
import { age } from "../age.ts";
import { affinitySchema, tolerationSchema } from "../agent/affinity.ts";
import { topologySpreadSchema } from "../agent/topology-spread.ts";
import { ageColumn, NONE } from "../columns.ts";
import { conditionsSchema } from "../conditions.ts";
import { immutable } from "../immutable.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { labelMap } from "../label-selector.ts";
import type { Resource } from "../resource.ts";
import { runOutcomeSchema } from "../task/schema.ts";

export const sessionSpecSchema = z.strictObject({
	agent: z.string().optional().describe("Name of the agent; absent: the agent `default`, or the namespace's only one"),
});
export type SessionSpec = z.output<typeof sessionSpecSchema>;

const ATOMIC = { "x-kubernetes-list-type": "atomic" };
const amounts = z.record(z.string(), z.string());

const placementSchema = z.object({
	requests: amounts.describe("What it needs of a node while it holds one, by resource"),
	limits: amounts.optional().describe("What it may use of a node at most, by resource"),
	nodeSelector: labelMap.optional().describe("Labels that a node must have"),
	affinity: affinitySchema.optional().describe("Which nodes and whose company it needs or prefers"),
	tolerations: z.array(tolerationSchema).meta(ATOMIC).optional().describe("Taints of nodes that it bears"),
	topologySpreadConstraints: z.array(topologySpreadSchema).meta(ATOMIC).optional().describe("How it is spread with others"),
	isolation: z.string().optional().describe("Who may share a node with it; absent: namespace"),
	priority: z.number().int().describe("Value of its PriorityClass; 0: it has none"),
	priorityClassName: z.string().optional().describe("Its PriorityClass, or the default one"),
	preemptionPolicy: z.string().describe("Whether sessions of less priority are asked to leave for it"),
});
export type SessionPlacement = z.output<typeof placementSchema>;

export const sessionStatusSchema = z.object({
	phase: z.enum(["Idle", "Running", "Waiting"]).describe("What it is doing"),
	waitingFor: z.string().optional().describe("What it waits for, e.g. 0/1 nodes are available: 1 Insufficient cpu."),
	node: z.string().optional().describe("The node that it holds"),
	workspaceNode: z.string().optional().describe("The only node that has its files; absent: they are in a checkpoint, or there are none"),
	conditions: conditionsSchema.optional(),
	lastRun: runOutcomeSchema
		.extend({ phase: z.string().describe("How it stands") })
		.optional()
		.describe("Its newest run"),
	revision: z.string().optional().describe("Digest of the agent's spec that its newest run has"),
	placement: placementSchema.optional().describe("What its agent asks of nodes for it; found out whenever the session is read"),
	agentUid: z.string().optional().describe("UID of the agent when the session was made"),
	observedSeq: z.number().int().optional().describe("Place in the journal that this status reflects"),
});
export type SessionStatus = z.output<typeof sessionStatusSchema>;
export type Session = Resource<SessionSpec, SessionStatus>;

/** Condition: whether all of its files are in a checkpoint. */
export const CHECKPOINTED = "Checkpointed";

export const sessionKind: KindDefinition<Session> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Session",
	plural: "sessions",
	singular: "session",
	shortNames: ["sess"],
	categories: ["all", "klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	subresources: [
		{ name: "messages", verbs: ["create"] },
		{ name: "cancel", verbs: ["create"] },
		{ name: "events", verbs: ["get"] },
		{ name: "checkpoints", verbs: ["get"], body: { group: "klaw.sh", version: "v1", kind: "CheckpointList" } },
		{ name: "restore", verbs: ["create"] },
	],
	description: "A Session is one conversation with one agent. It keeps a journal, and sleeps when it has nothing to do.",
	// It names a Durable Object and a directory.
	names: "label",
	schema: z.strictObject({ spec: sessionSpecSchema.prefault({}).describe("Whom it talks to") }),
	status: sessionStatusSchema,
	validateUpdate: (old, next) => immutable("spec", old.spec, next.spec),
	selectableFields: {
		"status.phase": ({ status }) => status.phase,
		"status.node": ({ status }) => status.node ?? "",
		"spec.agent": ({ spec }) => spec.agent ?? "",
	},
	columns: [
		{ name: "Agent", type: "string", description: "The agent that it talks to", cell: ({ spec }) => spec.agent ?? NONE },
		{
			name: "Status",
			type: "string",
			description: "What it is doing",
			cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? status.phase : "Terminating"),
		},
		{ name: "Node", type: "string", description: "The node that it holds", cell: ({ status }) => status.node ?? NONE },
		{
			name: "Last Run",
			type: "string",
			description: "How its newest run stands, and since when",
			cell: ({ status: { lastRun } }, now) => {
				const time = lastRun?.completionTime ?? lastRun?.startTime;
				return lastRun === undefined || time === undefined ? NONE : `${lastRun.phase} (${age(time, now)} ago)`;
			},
		},
		ageColumn,
		{
			name: "Waiting For",
			type: "string",
			description: "Why it does not go on",
			priority: 1,
			cell: ({ status }) => status.waitingFor ?? NONE,
		},
		{
			name: "Checkpointed",
			type: "string",
			description: "Whether its files are in a checkpoint; if not, why, and which node alone has them",
			priority: 1,
			cell: ({ status }) => checkpointedCell(status),
		},
	],
};

function checkpointedCell({ conditions, workspaceNode }: SessionStatus): string {
	const condition = conditions?.find(({ type }) => type === CHECKPOINTED);
	if (!condition) return NONE;
	return condition.status === "True" ? "True" : `False (${condition.reason}, only on ${workspaceNode ?? "its node"})`;
}
