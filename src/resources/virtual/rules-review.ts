import * as z from "zod";
import type { KindDefinition } from "../kind.ts";
import { policyRuleSchema } from "../rbac-rules.ts";
import type { BaseResource } from "../resource.ts";

const specSchema = z.strictObject({ namespace: z.string().max(63).default("").describe("The namespace that is asked about") });

const ATOMIC = { "x-kubernetes-list-type": "atomic" };

const statusSchema = z.object({
	resourceRules: z
		.array(policyRuleSchema.pick({ verbs: true, apiGroups: true, resources: true, resourceNames: true }))
		.meta(ATOMIC)
		.describe("What may be done with resources, in no particular order"),
	nonResourceRules: z
		.array(policyRuleSchema.pick({ verbs: true, nonResourceURLs: true }))
		.meta(ATOMIC)
		.describe("What may be done with paths"),
	incomplete: z.boolean().describe("More may be allowed than is listed"),
	evaluationError: z.string().optional().describe("Why the list is incomplete"),
});

export interface SelfSubjectRulesReview extends BaseResource {
	spec: z.output<typeof specSchema>;
	status?: z.output<typeof statusSchema>;
}

export const selfSubjectRulesReviewKind: KindDefinition<SelfSubjectRulesReview> = {
	group: "authorization.k8s.io",
	version: "v1",
	kind: "SelfSubjectRulesReview",
	plural: "selfsubjectrulesreviews",
	singular: "selfsubjectrulesreview",
	shortNames: [],
	scope: "Cluster",
	verbs: ["create"],
	description: "A SelfSubjectRulesReview asks for everything that whoever sends it may do in a namespace.",
	names: "path",
	schema: z.strictObject({ spec: specSchema.prefault({}).describe("What is asked about") }),
	status: statusSchema,
	validate: ({ spec }) =>
		spec.namespace === ""
			? [{ reason: "FieldValueRequired", field: "spec.namespace", message: "Required value: no namespace on request" }]
			: [],
	columns: [],
};
