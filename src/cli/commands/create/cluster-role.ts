import { CliError } from "../../errors.ts";
import { commaList } from "../../write/write-options.ts";
import type { Generator, GeneratorFlags } from "./generator.ts";
import { addRuleOptions, policyRules, type RuleFlags } from "./policy-rules.ts";

export const createClusterRole: Generator<GeneratorFlags & RuleFlags & { aggregationRule?: string[] }> = {
	name: "clusterrole",
	description: "create a ClusterRole: what may be done anywhere in the cluster",
	kind: { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", plural: "clusterroles", namespaced: false },
	options(command) {
		addRuleOptions(command);
		command
			.option("--non-resource-url <urls>", "to paths that are no resources", commaList)
			.option("--aggregation-rule <labels>", "the sum of the ClusterRoles with these labels, for example team=blue", commaList);
	},
	async object(flags, { command, cli }) {
		if (!flags.aggregationRule) return { rules: await policyRules(flags, command, cli) };
		if (flags.verb || flags.resource || flags.nonResourceUrl || flags.resourceName)
			throw new CliError("aggregation rule must be specified without nonResourceURLs, resources or verbs");
		const labels = flags.aggregationRule.map((word) => {
			const [key, value, ...more] = word.split("=");
			if (!key || value === undefined || more.length > 0) throw new CliError(`Invalid argument syntax ${word}, expected <label>=<value>`);
			return [key, value] as const;
		});
		return { aggregationRule: { clusterRoleSelectors: [{ matchLabels: Object.fromEntries(labels) }] }, rules: null };
	},
};
