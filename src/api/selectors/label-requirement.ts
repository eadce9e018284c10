import { shown } from "../../resources/metadata.ts";
import { labelValueProblem } from "../../resources/name.ts";

export type Labels = Readonly<Record<string, string>>;

/** Kubernetes' names of what a selector may ask of one label. */
export type LabelOperator = "exists" | "!" | "in" | "notin" | "=" | "==" | "!=" | "gt" | "lt";

/** One condition of a selector. */
export interface LabelRequirement {
	key: string;
	operator: LabelOperator;
	/** Sorted, each once. None for `exists` and `!`, exactly one for comparisons. */
	values: readonly string[];
}

/** What is wrong with the values of a requirement, in Kubernetes' words; `undefined` when nothing is. */
export function requirementProblem({ key, operator, values }: LabelRequirement): string | undefined {
	if (operator === "gt" || operator === "lt") {
		const wrong = values.find((value) => !isInteger(value));
		if (wrong !== undefined) {
			return `values[0]: Invalid value: ${shown(wrong)}: for 'Gt', 'Lt' operators, the value must be an integer`;
		}
	}
	for (const [index, value] of values.entries()) {
		const problem = labelValueProblem(value);
		if (problem) return `values[${index}][${key}]: Invalid value: ${shown(value)}: ${problem}`;
	}
	return undefined;
}

/** As in Kubernetes, an object without the label satisfies `!=` and `notin`. */
export function meets({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
	const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
	switch (operator) {
		case "exists":
			return value !== undefined;
		case "!":
			return value === undefined;
		case "=":
		case "==":
		case "in":
			return value !== undefined && values.includes(value);
		case "!=":
		case "notin":
			return value === undefined || !values.includes(value);
		case "gt":
		case "lt": {
			const [limit] = values;
			if (value === undefined || limit === undefined || !isInteger(value)) return false;
			return operator === "gt" ? BigInt(value) > BigInt(limit) : BigInt(value) < BigInt(limit);
		}
	}
}

/** What BigInt reads the same way; Kubernetes takes 64 bits, of which a label value holds any number. */
function isInteger(text: string): boolean {
	return /^-?\d{1,19}$/.test(text);
}
