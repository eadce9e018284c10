import * as z from "zod";
import { age } from "../age.ts";
import { ageColumn, NONE } from "../columns.ts";
import { immutable } from "../immutable.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { runOutcomeSchema } from "../task/schema.ts";

export const sessionSpecSchema = z.strictObject({
	agent: z.string().optional().describe("Name of the agent; absent: the agent `default`, or the namespace's only one"),
});
export type SessionSpec = z.output<typeof sessionSpecSchema>;

export const sessionStatusSchema = z.object({
	phase: z.enum(["Idle", "Running", "Waiting"]).describe("What it is doing"),
	waitingFor: z.string().optional().describe("What it waits for, e.g. 0/1 nodes are available: 1 Insufficient cpu."),
	node: z.string().optional().describe("The node that it holds"),
	lastRun: runOutcomeSchema
		.extend({ phase: z.string().describe("How it stands") })
		.optional()
		.describe("Its newest run"),
	agentUid: z.string().optional().describe("UID of the agent when the session was made"),
	observedSeq: z.number().int().optional().describe("Place in the journal that this status reflects"),
});
export type SessionStatus = z.output<typeof sessionStatusSchema>;
export type Session = Resource<SessionSpec, SessionStatus>;

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
	],
};
