import * as z from "zod";

const texts = z
	.array(z.string())
	.nullish()
	.transform((list) => list ?? []);

/** A rule of RBAC, as roles and reviews hold it. */
export const policyRuleSchema = z.object({
	verbs: texts,
	apiGroups: texts,
	resources: texts,
	resourceNames: texts,
	nonResourceURLs: texts,
});
export type PolicyRule = z.infer<typeof policyRuleSchema>;

export const POLICY_HEADS = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"];

/** Rules as rows below {@link POLICY_HEADS}, one resource each: `agents.klaw.sh`, `[]`, `[]`, `[get list]`. */
export function policyRows(rules: readonly PolicyRule[]): string[][] {
	return merged(rules.flatMap(split))
		.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
		.map((rule) => [resourceOf(rule), bracketed(rule.nonResourceURLs), bracketed(rule.resourceNames), bracketed(rule.verbs)]);
}

/** One rule for each group and resource, and for each path and verb. */
function split(rule: PolicyRule): PolicyRule[] {
	const resources = rule.apiGroups.flatMap((group) =>
		rule.resources.flatMap((resource) => {
			const one = { ...rule, apiGroups: [group], resources: [resource], nonResourceURLs: [] };
			return rule.resourceNames.length === 0 ? [one] : rule.resourceNames.map((name) => ({ ...one, resourceNames: [name] }));
		}),
	);
	const paths = rule.nonResourceURLs.flatMap((path) =>
		rule.verbs.map((verb) => ({ verbs: [verb], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [path] })),
	);
	return [...resources, ...paths];
}

/** Rules about the same resource are one, with the verbs of all. Those about paths stay as they are, as kubectl leaves them. */
function merged(rules: readonly PolicyRule[]): PolicyRule[] {
	const known = new Map<string, PolicyRule>();
	const paths = rules.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0);
	for (const rule of rules) {
		if (rule.nonResourceURLs.length > 0) continue;
		const key = JSON.stringify({ ...rule, verbs: [] });
		const before = known.get(key);
		known.set(key, { ...rule, verbs: [...new Set([...(before?.verbs ?? []), ...rule.verbs])] });
	}
	return [...paths, ...known.values()];
}

/** kubectl's order: by the verbs first. */
function orderOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
	return [verbs, apiGroups, resources, resourceNames, nonResourceURLs].map(bracketed).join(",");
}

function resourceOf({ resources: [resource], apiGroups: [group = ""] }: PolicyRule): string {
	if (resource === undefined) return "";
	const [plural = "", ...subresource] = resource.split("/");
	return [group === "" ? plural : `${plural}.${group}`, ...subresource].join("/");
}

function bracketed(list: readonly string[]): string {
	return `[${list.join(" ")}]`;
}
