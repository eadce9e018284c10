import * as z from "zod";
import { labelMap } from "../label-selector.ts";
import { taskSpecSchema } from "../task/schema.ts";
import { schedule, timeZone } from "./schedule.ts";

/** Names of tasks are labels, and eleven characters tell the tasks of one schedule apart: as in Kubernetes. */
export const CRON_NAME_LIMIT = 52;

const historyLimit = z.number().int().min(0).max(100);

export const cronTaskSpecSchema = z.strictObject({
	schedule: schedule.describe("Minute, hour, day of month, month and day of week, for example 0 9 * * mon-fri; or @hourly, @daily …"),
	timeZone: timeZone.optional().describe("IANA time zone that the schedule is in, for example Europe/Berlin; absent: UTC"),
	concurrencyPolicy: z
		.enum(["Allow", "Forbid", "Replace"])
		.default("Forbid")
		.describe("While a task still runs: start another (Allow), skip this time (Forbid), or cancel the old one (Replace)"),
	suspend: z.boolean().default(false).describe("Make no more tasks until this is false again"),
	startingDeadlineSeconds: z.number().int().min(0).optional().describe("Skip a time that was missed by more than this; absent: never"),
	successfulTasksHistoryLimit: historyLimit.default(3).describe("How many succeeded tasks are kept"),
	failedTasksHistoryLimit: historyLimit.default(1).describe("How many failed tasks are kept"),
	taskTemplate: z
		.strictObject({
			metadata: z
				.strictObject({
					labels: labelMap.optional().describe("Labels of the tasks"),
					annotations: z.record(z.string(), z.string()).optional().describe("Annotations of the tasks"),
				})
				.optional()
				.describe("What the tasks are labelled with"),
			spec: taskSpecSchema.describe("What is to be done, and by whom"),
		})
		.describe("The tasks that are made"),
});
export type CronTaskSpec = z.output<typeof cronTaskSpecSchema>;

export const cronTaskStatusSchema = z.object({
	active: z.array(z.string()).meta({ "x-kubernetes-list-type": "set" }).optional().describe("Names of its tasks that still run"),
	lastScheduleTime: z.string().optional().describe("When it last made a task"),
	lastSuccessfulTime: z.string().optional().describe("When one of its tasks last succeeded"),
	nextScheduleTime: z.string().optional().describe("When it makes the next one"),
});
export type CronTaskStatus = z.output<typeof cronTaskStatusSchema>;
