import * as z from "zod";

/** What an access review asks about: something that is done with a resource. */
export const resourceAttributesSchema = z.strictObject({
	namespace: z.string().optional().describe("Namespace; absent or empty: all of them, or none for resources of the cluster"),
	verb: z.string().optional().describe("get, list, watch, create, update, patch, delete …; * is all"),
	group: z.string().optional().describe("API group; * is all"),
	version: z.string().optional().describe("API version; * is all"),
	resource: z.string().optional().describe("Plural; * is all"),
	subresource: z.string().optional().describe("Subresource, such as log"),
	name: z.string().optional().describe("Name of the object; absent: any"),
	fieldSelector: z.looseObject({}).optional().describe("Accepted and not looked at"),
	labelSelector: z.looseObject({}).optional().describe("Accepted and not looked at"),
});

export const nonResourceAttributesSchema = z.strictObject({
	path: z.string().optional().describe("The path"),
	verb: z.string().optional().describe("get, post …"),
});

export const accessReviewStatusSchema = z.object({
	allowed: z.boolean().describe("Whether it may be done"),
	denied: z.boolean().optional().describe("Whether it is forbidden, and not just not allowed"),
	reason: z.string().optional().describe("Why"),
	evaluationError: z.string().optional().describe("What went wrong while it was decided"),
});
export type AccessReviewStatus = z.output<typeof accessReviewStatusSchema>;

/** Exactly one of the two, in Kubernetes' words. */
export function attributesProblem(spec: { resourceAttributes?: unknown; nonResourceAttributes?: unknown }): string | undefined {
	if (spec.resourceAttributes !== undefined && spec.nonResourceAttributes !== undefined)
		return "cannot be specified in combination with resourceAttributes";
	if (spec.resourceAttributes === undefined && spec.nonResourceAttributes === undefined)
		return "exactly one of nonResourceAttributes or resourceAttributes must be specified";
	return undefined;
}
