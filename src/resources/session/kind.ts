import * as z from "zod";
import { age } from "../age.ts";
import type { KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { runOutcomeSchema } from "../task/schema.ts";

export const sessionSpecSchema = z.strictObject({
	agent: z.string().optional().describe("Name of the agent; absent: the agent `default`, or the namespace's only one"),
});
export type SessionSpec = z.output<typeof sessionSpecSchema>;

export const sessionStatusSchema = z.object({
	phase: z.enum(["Idle", "Running", "Waiting"]),
	/** What it waits for, e.g. `0/1 nodes are available: 1 Insufficient cpu.` */
	waitingFor: z.string().optional(),
	/** The node that it holds. */
	node: z.string().optional(),
	lastRun: runOutcomeSchema.extend({ phase: z.string() }).optional(),
	/** Place in the journal that this status reflects. */
	observedSeq: z.number().int().optional(),
});
export type SessionStatus = z.output<typeof sessionStatusSchema>;
export type Session = Resource<SessionSpec, SessionStatus>;

export const sessionKind: KindDefinition<SessionSpec, SessionStatus> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Session",
	plural: "sessions",
	singular: "session",
	shortNames: ["sess"],
	scope: "Namespaced",
	verbs: ["get", "list", "create", "delete"],
	// It names a Durable Object and a directory.
	names: "label",
	spec: sessionSpecSchema,
	status: sessionStatusSchema,
	columns: [
		{ name: "Agent", type: "string", description: "The agent that it talks to", cell: ({ spec }) => spec.agent ?? "<none>" },
		{
			name: "Status",
			type: "string",
			description: "What it is doing",
			cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? status.phase : "Terminating"),
		},
		{ name: "Node", type: "string", description: "The node that it holds", cell: ({ status }) => status.node ?? "<none>" },
		{
			name: "Last Run",
			type: "string",
			description: "How its newest run stands, and since when",
			cell: ({ status: { lastRun } }, now) => {
				const time = lastRun?.completionTime ?? lastRun?.startTime;
				return lastRun === undefined || time === undefined ? "<none>" : `${lastRun.phase} (${age(time, now)} ago)`;
			},
		},
		{ name: "Age", type: "string", description: "Time since creation", cell: ({ metadata }, now) => age(metadata.creationTimestamp, now) },
		{
			name: "Waiting For",
			type: "string",
			description: "Why it does not go on",
			priority: 1,
			cell: ({ status }) => status.waitingFor ?? "<none>",
		},
	],
};
