import type { LabelSelectorSpec } from "../../resources/label-selector.ts";
import type { LabelOperator, LabelRequirement } from "./label-requirement.ts";
import { type LabelSelector, selectorOf } from "./label-selector.ts";

const OPERATOR = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" } as const satisfies Record<string, LabelOperator>;

/** The selector that stands in an object. An empty one matches everything, as in Kubernetes. */
export function selectorOfObject({ matchLabels = {}, matchExpressions = [] }: LabelSelectorSpec): LabelSelector {
	const exact = Object.entries(matchLabels).map(([key, value]): LabelRequirement => ({ key, operator: "=", values: [value] }));
	const others = matchExpressions.map(
		({ key, operator, values = [] }): LabelRequirement => ({ key, operator: OPERATOR[operator], values }),
	);
	return selectorOf([...exact, ...others]);
}
