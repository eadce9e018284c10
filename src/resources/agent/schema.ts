import * as z from "zod";
import { TOOLS } from "../../tools/registry.ts";
import { labelMap } from "../label-selector.ts";
import { duration } from "../quantity.ts";
import { affinitySchema, tolerationSchema } from "./affinity.ts";
import { instructionsSchema } from "./instructions.ts";
import { MOST_TERMS } from "./placement-limits.ts";
import { resourcesSchema } from "./resources.ts";
import { topologySpreadSchema } from "./topology-spread.ts";

/** Iterations (model calls) of one run, unless the agent says otherwise. */
export const DEFAULT_ITERATIONS = 50;
/** Longest run, unless the agent or the task says otherwise. */
export const DEFAULT_DEADLINE = "1h";
/** Old revisions that are kept, unless the agent says otherwise: Kubernetes' number for Deployments. */
export const DEFAULT_REVISION_HISTORY = 10;

const SET = { "x-kubernetes-list-type": "set" };
const policy = z.enum(["allow", "ask", "deny"]);

const limitsSchema = z.strictObject({
	iterations: z.number().int().min(1).max(10_000).default(DEFAULT_ITERATIONS).describe("Model calls in one run"),
	deadline: duration.default(DEFAULT_DEADLINE).describe("Longest run, for example 90s, 30m, 1h30m"),
	maxOutputTokens: z.number().int().min(1).max(128_000).default(8192).describe("Output tokens of one model call"),
	tokens: z.number().int().min(1).optional().describe("Tokens of one run, in and out; absent: no such limit"),
	usd: z.number().positive().optional().describe("Dollars that one run may cost; absent: no such limit"),
});

export const agentSpecSchema = z.strictObject({
	model: z
		.string()
		.max(256)
		.regex(/^[a-z0-9-]+\/.+$/, "must be provider/model, for example anthropic/claude-sonnet-5-5 or offline/shell")
		.optional()
		.describe("provider/model; absent: the deployment's default"),
	instructions: instructionsSchema
		.default("")
		.describe("What the agent is and how it works: the system prompt as a text, or configMapRef, which says where it is kept"),
	skills: z.array(z.string().min(1).max(64)).max(128).meta(SET).optional().describe("Names of the Skills that it can load"),
	tools: z
		.array(z.string().max(64))
		.max(128)
		.meta(SET)
		.optional()
		.describe(`Names of the tools it may use, of ${TOOLS.map(({ name }) => name).join(", ")}; absent: all of them`),
	approval: z
		.strictObject({
			default: policy.default("allow").describe("allow, ask or deny, for tools that are not listed"),
			tools: z.record(z.string().max(64), policy).default({}).describe("allow, ask or deny, by name of the tool"),
		})
		.optional()
		.describe("What happens before a tool is called; absent: every call is allowed"),
	limits: limitsSchema.prefault({}).describe("Where a run ends at the latest"),
	resources: resourcesSchema.prefault({}).describe("Computing resources of a session"),
	nodeSelector: labelMap.default({}).describe("Labels that a node must have"),
	affinity: affinitySchema.optional().describe("Which nodes and whose company its sessions need or prefer"),
	tolerations: z
		.array(tolerationSchema)
		.max(64)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.optional()
		.describe("Taints of nodes that it bears"),
	topologySpreadConstraints: z
		.array(topologySpreadSchema)
		.max(MOST_TERMS)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.optional()
		.describe("How its sessions are spread over zones, machines or other places"),
	isolation: z
		.enum(["namespace", "session"])
		.optional()
		.describe(
			"Who may share a node with its sessions: namespace (also when absent): sessions of the same namespace; session: nobody, each has a node of its own",
		),
	priorityClassName: z
		.string()
		.max(253)
		.optional()
		.describe("Name of the PriorityClass of its sessions; absent: the default class, or priority 0"),
	serviceAccountName: z.string().max(253).optional().describe("ServiceAccount that its sessions act as; absent: default"),
	revisionHistoryLimit: z
		.number()
		.int()
		.min(0)
		.max(1000)
		.default(DEFAULT_REVISION_HISTORY)
		.describe("How many old revisions are kept to go back to"),
});

/** An agent's spec with every default filled in. */
export type AgentSpec = z.output<typeof agentSpecSchema>;

/** The spec once its instructions are read: what a run works with. */
export type ResolvedAgentSpec = Omit<AgentSpec, "instructions"> & { instructions: string };
