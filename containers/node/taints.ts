import { labelValueProblem, qualifiedNameProblem } from "../../src/resources/name.ts";
import { type NodeTaint, taintSchema } from "./protocol.ts";

const EFFECTS = taintSchema.shape.effect.options;

/**
 * `key=value:Effect,key:Effect`, as kubectl writes taints.
 *
 * @throws Error with a sentence
 * @example taintsOf("gpu=yes:NoSchedule")
 */
export function taintsOf(text = ""): NodeTaint[] {
	const parts = text
		.split(",")
		.map((part) => part.trim())
		.filter((part) => part !== "");
	const taints = parts.map(taintOf);
	for (const { key, effect } of taints) {
		if (taints.filter((other) => other.key === key && other.effect === effect).length > 1)
			throw new Error(`--taints holds ${key} with the effect ${effect} more than once. Give it one value.`);
	}
	return taints;
}

function taintOf(part: string): NodeTaint {
	const [, key = "", value, effect = ""] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(part) ?? [];
	if (key === "")
		throw new Error(`--taints holds "${part}", which is not key=value:Effect. Write --taints as gpu=yes:NoSchedule,old:NoExecute.`);
	const problem = qualifiedNameProblem(key) ?? labelValueProblem(value ?? "");
	if (problem) throw new Error(`--taints holds "${part}": ${problem}.`);
	const known = EFFECTS.find((candidate) => candidate === effect);
	if (!known) throw new Error(`--taints holds "${part}" with the effect "${effect}". There are ${EFFECTS.join(", ")}.`);
	return { key, ...(value !== undefined && value !== "" && { value }), effect: known };
}
