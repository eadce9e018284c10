import { age, humanDuration } from "../age.ts";
import type { KindDefinition } from "../kind.ts";
import type { Resource } from "../resource.ts";
import { type TaskSpec, type TaskStatus, taskSpecSchema, taskStatusSchema } from "./schema.ts";

export type Task = Resource<TaskSpec, TaskStatus>;

export const taskKind: KindDefinition<TaskSpec, TaskStatus> = {
	group: "klaw.sh",
	version: "v1",
	kind: "Task",
	plural: "tasks",
	singular: "task",
	shortNames: [],
	scope: "Namespaced",
	verbs: ["get", "list", "create", "delete"],
	// Its name is also its session's.
	names: "label",
	spec: taskSpecSchema,
	status: taskStatusSchema,
	columns: [
		{ name: "Agent", type: "string", description: "The agent that does it", cell: ({ spec }) => spec.agent ?? "<none>" },
		{
			name: "Status",
			type: "string",
			description: "How it stands",
			cell: ({ status }) => (status.waitingFor && !isTerminal(status) ? "Waiting" : status.phase),
		},
		{ name: "Runtime", type: "string", description: "From its start to its end", cell: ({ status }, now) => runtime(status, now) },
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

/** Whether a task in this phase never changes phase again. */
export function isTerminal({ phase }: Pick<TaskStatus, "phase">): boolean {
	return phase === "Succeeded" || phase === "Failed" || phase === "Cancelled";
}

function runtime({ startTime, completionTime }: TaskStatus, now: number): string {
	if (startTime === undefined) return "<none>";
	return humanDuration((completionTime === undefined ? now : Date.parse(completionTime)) - Date.parse(startTime));
}
