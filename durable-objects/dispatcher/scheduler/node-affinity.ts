import { type LabelOperator, type LabelRequirement, meets } from "../../../src/api/selectors/label-requirement.ts";
import type { Affinity } from "../../../src/resources/agent/affinity.ts";
import type { SchedulerNode } from "./types.ts";

type NodeAffinity = NonNullable<Affinity["nodeAffinity"]>;
type NodeTerm = NonNullable<NodeAffinity["requiredDuringSchedulingIgnoredDuringExecution"]>["nodeSelectorTerms"][number];
type NodeRequirement = NonNullable<NodeTerm["matchExpressions"]>[number];

const OPERATOR = {
	In: "in",
	NotIn: "notin",
	Exists: "exists",
	DoesNotExist: "!",
	Gt: "gt",
	Lt: "lt",
} as const satisfies Record<NodeRequirement["operator"], LabelOperator>;

/** The node has every label of the selector and satisfies one of the required terms. */
export function matchesNode(
	node: Pick<SchedulerNode, "name" | "labels">,
	nodeSelector: Readonly<Record<string, string>>,
	affinity: NodeAffinity | undefined,
): boolean {
	for (const key in nodeSelector) if (node.labels[key] !== nodeSelector[key]) return false;
	const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution;
	return required === undefined || required.nodeSelectorTerms.some((term) => matchesTerm(node, term));
}

/** Sum of the weights of the preferred terms that the node satisfies. */
export function nodePreference(node: Pick<SchedulerNode, "name" | "labels">, affinity: NodeAffinity | undefined): number {
	let sum = 0;
	for (const { weight, preference } of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
		if (matchesTerm(node, preference)) sum += weight;
	return sum;
}

/** As in Kubernetes, a term that asks for nothing matches nothing. */
function matchesTerm({ name, labels }: Pick<SchedulerNode, "name" | "labels">, term: NodeTerm): boolean {
	const { matchExpressions = [], matchFields = [] } = term;
	if (matchExpressions.length === 0 && matchFields.length === 0) return false;
	const fields = { "metadata.name": name };
	return (
		matchExpressions.every((requirement) => meets(labelRequirement(requirement), labels)) &&
		matchFields.every((requirement) => meets(labelRequirement(requirement), fields))
	);
}

function labelRequirement({ key, operator, values = [] }: NodeRequirement): LabelRequirement {
	return { key, operator: OPERATOR[operator], values };
}
