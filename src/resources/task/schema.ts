import * as z from "zod";
import { agentSpecSchema } from "../agent/schema.ts";
import { conditionsSchema } from "../conditions.ts";
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

export const usageSchema = z.object({
	input: z.number().describe("Tokens sent"),
	output: z.number().describe("Tokens received"),
	cacheRead: z.number().describe("Tokens sent that the provider had cached"),
	cacheWrite: z.number().describe("Tokens sent that the provider cached"),
});

/** How a run stands, in the words of the API. Times are RFC 3339 with milliseconds. */
export const runOutcomeSchema = z.object({
	run: z.string().optional().describe("Name of the run"),
	reason: z.string().optional().describe("Why it failed or was cancelled, in one CamelCase word"),
	message: z.string().optional().describe("Why it failed or was cancelled, in a sentence"),
	result: z.string().optional().describe("The answer"),
	startTime: z.string().optional().describe("When it began"),
	completionTime: z.string().optional().describe("When it ended"),
	iterations: z.number().int().optional().describe("Model calls so far"),
	usage: usageSchema.optional().describe("Tokens so far"),
	usd: z.number().optional().describe("Dollars so far; absent while no price is known"),
});
export type RunOutcome = z.output<typeof runOutcomeSchema>;

export const taskStatusSchema = runOutcomeSchema.extend({
	phase: z.enum(["Pending", "Running", "Succeeded", "Failed", "Cancelled"]).describe("How it stands"),
	session: z.string().describe("Session that it runs in"),
	waitingFor: z.string().optional().describe("Why it does not get on, e.g. 0/1 nodes are available: 1 Insufficient cpu."),
	conditions: conditionsSchema
		.optional()
		.describe("Complete once it has succeeded, Failed once it has failed or was cancelled, as of a Job"),
	observedSeq: z.number().int().optional().describe("Place in the session's journal that this status reflects"),
});
export type TaskStatus = z.output<typeof taskStatusSchema>;
