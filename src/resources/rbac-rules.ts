import * as z from "zod";
import type { Cause } from "../api/status.ts";
import { shown } from "./metadata.ts";

const ATOMIC = { "x-kubernetes-list-type": "atomic" };
const texts = z.array(z.string().max(512)).max(512).meta(ATOMIC);

export const policyRuleSchema = z.strictObject({
	verbs: texts.default([]).describe("What may be done: get, list, watch, create, update, patch, delete …, or *"),
	apiGroups: texts.optional().describe("API groups of the resources; an empty text is the core group, * is all"),
	resources: texts.optional().describe("Plurals, such as agents, or with a subresource, such as pods/log; * is all"),
	resourceNames: texts.optional().describe("Names of the objects; absent: all of them"),
	nonResourceURLs: texts.optional().describe("Paths that are no resources, such as /metrics; only in ClusterRoles"),
});
export type RuleFields = z.output<typeof policyRuleSchema>;

export const rulesSchema = z.array(policyRuleSchema).max(1000).meta(ATOMIC);

/** What Kubernetes refuses in rules. `namespaced`: those of a Role. */
export function ruleCauses(rules: readonly RuleFields[], namespaced: boolean): Cause[] {
	return rules.flatMap((rule, index) => causesOfRule(rule, `rules[${index}]`, namespaced));
}

function causesOfRule(rule: RuleFields, field: string, namespaced: boolean): Cause[] {
	const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
	const causes: Cause[] = [];
	if (verbs.length === 0) causes.push(required(`${field}.verbs`, "verbs must contain at least one value"));
	if (nonResourceURLs.length > 0) {
		const wrong = (message: string) =>
			causes.push({
				reason: "FieldValueInvalid",
				field: `${field}.nonResourceURLs`,
				message: `Invalid value: ${shown(nonResourceURLs)}: ${message}`,
			});
		if (namespaced) wrong("namespaced rules cannot apply to non-resource URLs");
		if (apiGroups.length + resources.length + resourceNames.length > 0)
			wrong("rules cannot apply to both regular resources and non-resource URLs");
		return causes;
	}
	if (apiGroups.length === 0) causes.push(required(`${field}.apiGroups`, "resource rules must supply at least one api group"));
	if (resources.length === 0) causes.push(required(`${field}.resources`, "resource rules must supply at least one resource"));
	return causes;
}

function required(field: string, message: string): Cause {
	return { reason: "FieldValueRequired", field, message: `Required value: ${message}` };
}
