import * as z from "zod";
import { agentSpecSchema } from "../agent/schema.ts";
import type { KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";

const ATOMIC = { "x-kubernetes-list-type": "atomic" };

const specSchema = z.strictObject({
	session: z.string().max(63).optional().describe("A session of the namespace: why it is where it is, or nowhere"),
	agentName: z.string().max(253).optional().describe("An agent: where a new session of it would go now"),
	agent: agentSpecSchema.optional().describe("The spec of an agent that need not exist: where a session of it would go now"),
});

const verdictSchema = z.object({
	node: z.string().describe("Name of the node"),
	refusedBy: z.string().optional().describe("The filter that left it out; absent: the session would fit"),
	reason: z.string().optional().describe("Why it was left out"),
	scores: z.record(z.string(), z.number()).optional().describe("How good it was found, 0 to 100, by the name of the score"),
	total: z.number().optional().describe("Sum of the scores, each times its weight"),
});

const preemptionSchema = z.object({
	node: z.string().describe("Where room is made"),
	victims: z.array(z.string()).meta(ATOMIC).describe("Sessions of this namespace that are asked to leave"),
	others: z.number().int().describe("How many sessions of other namespaces are asked to leave"),
});

const statusSchema = z.object({
	recorded: z.boolean().describe("true: how the session was placed when it last asked; false: how it would be placed now"),
	time: z.string().describe("When it was decided"),
	node: z.string().optional().describe("The node that was chosen; absent: none"),
	message: z.string().describe("The decision in a sentence"),
	nodes: z.array(verdictSchema).meta(ATOMIC).describe("What was found of each node: the best first, then those that were left out"),
	omitted: z.number().int().describe("How many nodes are not listed"),
	evaluated: z.number().int().describe("How many nodes were looked at"),
	feasible: z.number().int().describe("How many of them would do"),
	preemption: preemptionSchema.optional().describe("Who is asked to make room for it"),
});

export type PlacementVerdict = z.output<typeof verdictSchema>;
export type PlacementStatus = z.output<typeof statusSchema>;
export type PlacementReviewSpec = z.output<typeof specSchema>;

export interface PlacementReview extends BaseResource {
	spec: PlacementReviewSpec;
	status?: PlacementStatus;
}

export const placementReviewKind: KindDefinition<PlacementReview> = {
	group: "klaw.sh",
	version: "v1",
	kind: "PlacementReview",
	plural: "placementreviews",
	singular: "placementreview",
	shortNames: [],
	scope: "Namespaced",
	// Asked and answered, never stored.
	verbs: ["create"],
	description: "A PlacementReview asks why a session is on its node, or on none, or where a session of an agent would go.",
	names: "subdomain",
	schema: z.strictObject({ spec: specSchema.describe("What is asked about") }),
	status: statusSchema,
	validate: ({ spec: { session, agentName, agent } }) => {
		const named = session !== undefined;
		if (named !== (agentName !== undefined || agent !== undefined)) return [];
		const message = named
			? "Invalid value: may not be given with agentName or agent: a session has its agent"
			: "Required value: name a session, or say by agentName or agent what a new session is to be";
		return [{ reason: named ? "FieldValueInvalid" : "FieldValueRequired", field: "spec.session", message }];
	},
	columns: [],
};
