import * as z from "zod";

/** One condition in Kubernetes' sense. `lastTransitionTime` moves only when `status` does. */
export const conditionSchema = z.object({
	type: z.string().max(316).describe("What it is about, in CamelCase"),
	status: z.enum(["True", "False", "Unknown"]).describe("True, False or Unknown"),
	reason: z.string().max(1024).default("").describe("Why, in one CamelCase word for programs"),
	message: z.string().max(32_768).default("").describe("Why, in a sentence for people"),
	lastTransitionTime: z.string().optional().describe("When the status last changed"),
	observedGeneration: z.number().int().optional().describe("The generation of the object that this is about"),
});
export type Condition = z.output<typeof conditionSchema>;

/** Conditions of an object: one of each type, so that several managers can each apply their own. */
export const conditionsSchema = z
	.array(conditionSchema)
	.max(64)
	.meta({
		"x-kubernetes-list-type": "map",
		"x-kubernetes-list-map-keys": ["type"],
		"x-kubernetes-patch-strategy": "merge",
		"x-kubernetes-patch-merge-key": "type",
	})
	.describe("How the object stands, one entry a type");

/** @example conditionStatus(node.status.conditions, "Ready") // "True" */
export function conditionStatus(conditions: readonly Condition[] | undefined, type: string): Condition["status"] | undefined {
	return conditions?.find((condition) => condition.type === type)?.status;
}
