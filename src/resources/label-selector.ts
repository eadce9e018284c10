import * as z from "zod";

/** Labels to match: key to value. */
export const labelMap = z
	.record(z.string().max(317), z.string().max(63))
	.refine((labels) => Object.keys(labels).length <= 64, "must name at most 64 labels");

/** Kubernetes' `LabelSelector`: both parts must match, an empty selector matches everything. */
export const labelSelectorSchema = z.strictObject({
	matchLabels: labelMap.optional().describe("Labels that it must have, with these values"),
	matchExpressions: z
		.array(
			z
				.strictObject({
					key: z.string().min(1).max(317).describe("Key of the label"),
					operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("How the label relates to the values"),
					values: z.array(z.string().max(63)).max(64).optional().describe("Values, for In and NotIn"),
				})
				.superRefine(({ operator, values = [] }, context) => {
					const wants = operator === "In" || operator === "NotIn";
					if (wants && values.length === 0)
						context.addIssue({ code: "custom", path: ["values"], message: `must be specified when \`operator\` is 'In' or 'NotIn'` });
					if (!wants && values.length > 0)
						context.addIssue({
							code: "custom",
							path: ["values"],
							message: `may not be specified when \`operator\` is 'Exists' or 'DoesNotExist'`,
						});
				}),
		)
		.max(64)
		.optional()
		.describe("Requirements on labels, all of which must hold"),
});
export type LabelSelectorSpec = z.output<typeof labelSelectorSchema>;
