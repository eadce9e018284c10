import * as z from "zod";
import { age } from "../age.ts";
import { ageColumn, NONE } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { shown } from "../metadata.ts";
import type { BaseResource } from "../resource.ts";
import { CRON_NAME_LIMIT, type CronTaskSpec, type CronTaskStatus, cronTaskSpecSchema, cronTaskStatusSchema } from "./schema.ts";

export interface CronTask extends BaseResource {
	spec: CronTaskSpec;
	status?: CronTaskStatus;
}

export const cronTaskKind: KindDefinition<CronTask> = {
	group: "klaw.sh",
	version: "v1",
	kind: "CronTask",
	plural: "crontasks",
	singular: "crontask",
	shortNames: ["cron"],
	categories: ["all", "klaw"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A CronTask makes Tasks on a schedule.",
	names: "label",
	schema: z.strictObject({ spec: cronTaskSpecSchema.describe("When, and what") }),
	status: cronTaskStatusSchema,
	validate: ({ metadata: { name } }) =>
		name === undefined || name.length <= CRON_NAME_LIMIT
			? []
			: [
					{
						reason: "FieldValueInvalid",
						field: "metadata.name",
						message: `Invalid value: ${shown(name)}: must be no more than ${CRON_NAME_LIMIT} characters`,
					},
				],
	warnings: () => ["a CronTask is kept and checked, and does not act yet"],
	columns: [
		{ name: "Schedule", type: "string", description: "When it makes tasks", cell: ({ spec }) => spec.schedule },
		{ name: "Timezone", type: "string", description: "Time zone of the schedule", cell: ({ spec }) => spec.timeZone ?? NONE },
		{ name: "Suspend", type: "string", description: "Whether it is told to pause", cell: ({ spec }) => (spec.suspend ? "True" : "False") },
		{ name: "Active", type: "integer", description: "Tasks that still run", cell: ({ status }) => status?.active?.length ?? 0 },
		{
			name: "Last Schedule",
			type: "string",
			description: "Time since it last made a task",
			cell: ({ status }, now) => (status?.lastScheduleTime === undefined ? NONE : age(status.lastScheduleTime, now)),
		},
		ageColumn,
		{
			name: "Agent",
			type: "string",
			description: "The agent that does the tasks",
			priority: 1,
			cell: ({ spec }) => spec.taskTemplate.spec.agent ?? "<default>",
		},
	],
};
