import * as z from "zod";
import { canonicalQuantity, isQuantity, QUANTITY_RULE } from "../quantity.ts";

/** An amount in Kubernetes' canonical form, so that `1000m` is served as `1`. */
export const amount = z
	.union([z.string(), z.number().nonnegative()])
	.superRefine((value, context) => {
		if (!isQuantity(String(value))) context.addIssue({ code: "custom", message: QUANTITY_RULE });
	})
	.transform((value) => canonicalQuantity(String(value)));

const amounts = z.record(z.string().min(1).max(317), amount);

const scope = z.enum(["Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"]);

export const resourceQuotaSpecSchema = z.strictObject({
	hard: amounts.optional().describe("The most that there may be, by resource: pods, requests.cpu, limits.memory, count/agents.klaw.sh …"),
	scopes: z
		.array(scope)
		.max(16)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.optional()
		.describe("What is counted, all of which must hold; absent: everything"),
	scopeSelector: z
		.strictObject({
			matchExpressions: z
				.array(
					z.strictObject({
						scopeName: scope.describe("The scope"),
						operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("How the scope relates to the values"),
						values: z.array(z.string().max(253)).max(64).optional().describe("Values, for In and NotIn"),
					}),
				)
				.max(64)
				.meta({ "x-kubernetes-list-type": "atomic" })
				.optional()
				.describe("Requirements, all of which must hold"),
		})
		.meta({ "x-kubernetes-map-type": "atomic" })
		.optional()
		.describe("What is counted, like scopes but with values"),
});
export type ResourceQuotaSpec = z.output<typeof resourceQuotaSpecSchema>;

export const resourceQuotaStatusSchema = z.object({
	hard: z.record(z.string(), z.string()).optional().describe("The limits that are enforced"),
	used: z.record(z.string(), z.string()).optional().describe("What there is of each"),
});
export type ResourceQuotaStatus = z.output<typeof resourceQuotaStatusSchema>;
