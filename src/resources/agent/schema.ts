import * as z from "zod";
import { duration, quantity } from "../quantity.ts";

/** Iterations (model calls) of one run, unless the agent says otherwise. */
export const DEFAULT_ITERATIONS = 50;
/** Longest run, unless the agent or the task says otherwise. */
export const DEFAULT_DEADLINE = "1h";

export const agentSpecSchema = z.strictObject({
	model: z
		.string()
		.max(256)
		.regex(/^[a-z0-9-]+\/.+$/, "must be provider/model, for example anthropic/claude-sonnet-5-5 or offline/shell")
		.optional()
		.describe("provider/model; absent: the deployment's default"),
	instructions: z.string().max(262_144).default("").describe("What the agent is and how it works: the system prompt"),
	tools: z.array(z.string().max(64)).max(128).optional().describe("Names of the tools it may use; absent: all of them"),
	limits: z
		.strictObject({
			iterations: z.number().int().min(1).max(10_000).default(DEFAULT_ITERATIONS).describe("Model calls in one run"),
			deadline: duration.default(DEFAULT_DEADLINE).describe("Longest run, for example 90s, 30m, 1h30m"),
			maxOutputTokens: z.number().int().min(1).max(128_000).default(8192).describe("Output tokens of one model call"),
		})
		.prefault({}),
	resources: z
		.strictObject({
			requests: z
				.strictObject({ cpu: quantity.default("100m"), memory: quantity.default("128Mi") })
				.prefault({})
				.describe("What a session needs of a node while it holds one"),
		})
		.prefault({}),
	nodeSelector: z
		.record(z.string().max(317), z.string().max(63))
		.refine((labels) => Object.keys(labels).length <= 64, "must name at most 64 labels")
		.default({})
		.describe("Labels that a node must have"),
});

/** An agent's spec with every default filled in. */
export type AgentSpec = z.output<typeof agentSpecSchema>;
