import * as z from "zod";
import { conditionsSchema } from "../conditions.ts";

export const agentStatusSchema = z.object({
	revision: z.string().describe("Digest of the spec: the name of its AgentRevision ends in it"),
	observedGeneration: z.number().int().describe("The generation that this status is about"),
	conditions: conditionsSchema.optional(),
	priority: z.number().int().optional().describe("Value of the PriorityClass that the spec names, when the agent was written last"),
	preemptionPolicy: z.enum(["Never", "PreemptLowerPriority"]).optional().describe("Policy of that class"),
	// What follows is derived from the agent's sessions whenever it is read.
	phase: z.enum(["Idle", "Running", "Waiting"]).optional().describe("What its sessions are doing"),
	sessions: z.number().int().optional().describe("How many sessions it has"),
	running: z.number().int().optional().describe("How many of them run"),
	waiting: z.number().int().optional().describe("How many of them wait"),
	nodes: z.array(z.string()).meta({ "x-kubernetes-list-type": "set" }).optional().describe("Nodes that its sessions hold"),
	lastRun: z
		.object({ phase: z.string().describe("How it went"), time: z.string().describe("When it ended, or began") })
		.optional()
		.describe("Its newest run"),
});
export type AgentStatus = z.output<typeof agentStatusSchema>;
