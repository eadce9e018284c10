import * as z from "zod";
import { agentSpecSchema } from "../agent/schema.ts";

/** Characters of a pattern: more is a program, not a rule. */
const PATTERN_LIMIT = 1000;

const name = z.string().min(1).max(253);

const pattern = z
	.string()
	.min(1)
	.max(PATTERN_LIMIT)
	.superRefine((text, context) => {
		try {
			new RegExp(text, "iu");
		} catch (error) {
			context.addIssue({
				code: "custom",
				message: `must be a regular expression: ${error instanceof Error ? error.message : String(error)}`,
			});
		}
	});

const matchSchema = z
	.strictObject({
		mention: z.string().min(1).max(64).optional().describe("Name after an @ in the message"),
		prefix: z.string().min(1).max(256).optional().describe("What the message begins with, in any case of letters"),
		regex: pattern.optional().describe("JavaScript regular expression that the message matches, in any case of letters"),
		channel: name.optional().describe("Name of the Channel that the message came by"),
	})
	.refine((match) => Object.keys(match).length > 0, "must have at least one of mention, prefix, regex and channel");

export const agentRouteSpecSchema = z.strictObject({
	rules: z
		.array(
			z.strictObject({
				name: z.string().max(63).optional().describe("What the rule is called in explanations"),
				match: matchSchema.optional().describe("What the message must be like, all of it; absent: any message"),
				agent: name.describe("The agent that answers"),
			}),
		)
		.max(256)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.default([])
		.describe("Rules in their order; the first that matches decides"),
	model: agentSpecSchema.shape.model.describe(
		"provider/model that is asked which agent should answer when no rule matches; absent: none is",
	),
	agent: name.optional().describe("The agent that answers when nothing else decides"),
	sticky: z.boolean().default(true).describe("A conversation stays with the agent that answered it first, until another is mentioned"),
});
export type AgentRouteSpec = z.output<typeof agentRouteSpecSchema>;
