import * as z from "zod";
import { humanDuration } from "../age.ts";
import { ageColumn, NONE } from "../columns.ts";
import { immutable } from "../immutable.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { dollars } from "./dollars.ts";
import { type TaskSpec, type TaskStatus, taskSpecSchema, taskStatusSchema } from "./schema.ts";

export type Task = Resource<TaskSpec, TaskStatus>;

export const taskKind: KindDefinition<Task> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Task",
	plural: "tasks",
	singular: "task",
	shortNames: [],
	categories: ["all", "klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	subresources: [{ name: "cancel", verbs: ["create"] }],
	description: "A Task is a piece of work with a result: one prompt for one agent, run once in a session.",
	// Its name is also its session's.
	names: "label",
	schema: z.strictObject({ spec: taskSpecSchema.describe("What is to be done, and by whom") }),
	status: taskStatusSchema,
	validateUpdate: (old, next) => immutable("spec", old.spec, next.spec),
	selectableFields: {
		"status.phase": ({ status }) => status.phase,
		"spec.agent": ({ spec }) => spec.agent ?? "",
		"spec.session": ({ spec }) => spec.session ?? "",
		"status.session": ({ status }) => status.session,
	},
	columns: [
		{ name: "Agent", type: "string", description: "The agent that does it", cell: ({ spec }) => spec.agent ?? NONE },
		{
			name: "Status",
			type: "string",
			description: "How it stands",
			cell: ({ status }) => (status.waitingFor && !isTerminal(status) ? "Waiting" : status.phase),
		},
		{ name: "Runtime", type: "string", description: "From its start to its end", cell: ({ status }, now) => runtime(status, now) },
		{ name: "Cost", type: "string", description: "Dollars that it has cost", cell: ({ status }) => dollars(status.usd) },
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

/** Whether a task in this phase never changes phase again. */
export function isTerminal({ phase }: Pick<TaskStatus, "phase">): boolean {
	return phase === "Succeeded" || phase === "Failed" || phase === "Cancelled";
}

function runtime({ startTime, completionTime }: TaskStatus, now: number): string {
	if (startTime === undefined) return NONE;
	return humanDuration((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}
