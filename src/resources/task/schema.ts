import * as z from "zod";
import { agentSpecSchema } from "../agent/schema.ts";
import { duration } from "../quantity.ts";
import { messageText } from "../text.ts";

export const taskSpecSchema = z.strictObject({
	agent: z.string().optional().describe("Name of the agent; absent: the agent `default`, or the namespace's only one"),
	prompt: messageText.describe("What to do"),
	model: agentSpecSchema.shape.model.describe("provider/model for this task; absent: the agent's"),
	deadline: duration.optional().describe("Longest time from the start of the run to its end; absent: the agent's"),
	session: z.string().optional().describe("Session to run in; absent: one of the task's own name"),
});
export type TaskSpec = z.output<typeof taskSpecSchema>;

export const usageSchema = z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() });

/** How a run stands, in the words of the API. Times are RFC 3339 with milliseconds. */
export const runOutcomeSchema = z.object({
	run: z.string().optional(),
	/** CamelCase; set when it failed or was cancelled. */
	reason: z.string().optional(),
	message: z.string().optional(),
	/** The answer. */
	result: z.string().optional(),
	startTime: z.string().optional(),
	completionTime: z.string().optional(),
	iterations: z.number().int().optional(),
	usage: usageSchema.optional(),
});
export type RunOutcome = z.output<typeof runOutcomeSchema>;

export const taskStatusSchema = runOutcomeSchema.extend({
	phase: z.enum(["Pending", "Running", "Succeeded", "Failed", "Cancelled"]),
	session: z.string(),
	/** Why it does not get on, e.g. `0/1 nodes are available: 1 Insufficient cpu.` */
	waitingFor: z.string().optional(),
	/** Place in the session's journal that this status reflects. */
	observedSeq: z.number().int().optional(),
});
export type TaskStatus = z.output<typeof taskStatusSchema>;
