import * as z from "zod";
import { MOST_TERMS, peerSelectorSchema } from "./placement-limits.ts";

const nodeRequirement = z.strictObject({
	key: z.string().min(1).max(317).describe("Label of the node, or a field of it under matchFields"),
	operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]).describe("How the label relates to the values"),
	values: z
		.array(z.string().max(63))
		.max(64)
		.optional()
		.describe("Values; one whole number for Gt and Lt, none for Exists and DoesNotExist"),
});

const nodeTerm = z.strictObject({
	matchExpressions: z
		.array(nodeRequirement)
		.max(MOST_TERMS)
		.optional()
		.describe("Requirements on the node's labels, all of which must hold"),
	matchFields: z.array(nodeRequirement).max(MOST_TERMS).optional().describe("Requirements on the node's fields, such as metadata.name"),
});

const weight = z.number().int().min(1).max(100).describe("1 to 100; the weights of what holds are added up");

const sessionTerm = z.strictObject({
	labelSelector: peerSelectorSchema.optional().describe("Which sessions; absent: none"),
	topologyKey: z.string().min(1).max(317).describe("Label of nodes: nodes with the same value are one place, e.g. kubernetes.io/hostname"),
	namespaces: z
		.array(z.string().max(63))
		.max(64)
		.optional()
		.describe("Namespaces of those sessions: the agent's own, which is meant without it too, and no other"),
});

const sessionRules = z.strictObject({
	requiredDuringSchedulingIgnoredDuringExecution: z
		.array(sessionTerm)
		.max(MOST_TERMS)
		.optional()
		.describe("Must hold when a node is chosen"),
	preferredDuringSchedulingIgnoredDuringExecution: z
		.array(z.strictObject({ weight, sessionAffinityTerm: sessionTerm.describe("What is preferred") }))
		.max(MOST_TERMS)
		.optional()
		.describe("Count when a node is chosen"),
});

/** Kubernetes' `affinity`, with sessions where Kubernetes has pods. */
export const affinitySchema = z.strictObject({
	nodeAffinity: z
		.strictObject({
			requiredDuringSchedulingIgnoredDuringExecution: z
				.strictObject({ nodeSelectorTerms: z.array(nodeTerm).min(1).max(MOST_TERMS).describe("Terms, one of which must hold") })
				.optional()
				.describe("Must hold when a node is chosen"),
			preferredDuringSchedulingIgnoredDuringExecution: z
				.array(z.strictObject({ weight, preference: nodeTerm.describe("What is preferred") }))
				.max(MOST_TERMS)
				.optional()
				.describe("Count when a node is chosen"),
		})
		.optional()
		.describe("Which nodes"),
	sessionAffinity: sessionRules.optional().describe("Sessions to be near to"),
	sessionAntiAffinity: sessionRules.optional().describe("Sessions to keep away from"),
});
export type Affinity = z.output<typeof affinitySchema>;

/** Kubernetes' toleration: lets a session onto nodes with a matching taint. */
export const tolerationSchema = z
	.strictObject({
		key: z.string().max(317).optional().describe("Key of the taint; absent with the operator Exists: every taint"),
		operator: z.enum(["Exists", "Equal"]).optional().describe("Absent: Equal"),
		value: z.string().max(63).optional().describe("Value of the taint, for Equal"),
		effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional().describe("Effect of the taint; absent: every effect"),
		tolerationSeconds: z.number().int().optional().describe("How long a NoExecute taint is borne; absent: for good"),
	})
	.superRefine(({ key, operator = "Equal", value, effect, tolerationSeconds }, context) => {
		if (key === undefined && operator === "Equal")
			context.addIssue({
				code: "custom",
				path: ["operator"],
				message: 'operator must be Exists when `key` is empty, which means "match all values and all keys"',
			});
		if (operator === "Exists" && value !== undefined)
			context.addIssue({ code: "custom", path: ["operator"], message: "value must be empty when `operator` is 'Exists'" });
		if (tolerationSeconds !== undefined && effect !== "NoExecute")
			context.addIssue({ code: "custom", path: ["effect"], message: "effect must be 'NoExecute' when `tolerationSeconds` is set" });
	});
export type Toleration = z.output<typeof tolerationSchema>;
