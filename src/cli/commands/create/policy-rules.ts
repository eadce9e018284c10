import type { Command } from "commander";
import { type Cli, connect } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { ResourceMapper } from "../../resource-mapper.ts";
import { commaList } from "../../write/write-options.ts";

/** The options from which the rules of a Role come. */
export interface RuleFlags {
	verb?: string[];
	resource?: string[];
	resourceName?: string[];
	nonResourceUrl?: string[];
}

export interface PolicyRule {
	apiGroups?: string[];
	resources?: string[];
	resourceNames?: string[];
	nonResourceURLs?: string[];
	verbs: string[];
}

export function addRuleOptions(command: Command): void {
	command
		.option("--verb <verbs>", "what may be done: get, list, watch, create, update, patch, delete, … or *", commaList)
		.option("--resource <resources>", "to what: a kind, with its group as in agents.klaw.sh, or a subresource as in pods/log", commaList)
		.option("--resource-name <names>", "only to objects of these names", commaList);
}

/**
 * One rule for each group of the resources, as kubectl makes them.
 *
 * @throws CliError in kubectl's words
 */
export async function policyRules(flags: RuleFlags, command: Command, cli: Cli): Promise<PolicyRule[]> {
	const verbs = flags.verb?.includes("*") ? ["*"] : [...new Set(flags.verb ?? [])];
	const resources = [...new Set(flags.resource ?? [])];
	const urls = flags.nonResourceUrl ?? [];
	if (verbs.length === 0) throw new CliError("at least one verb must be specified");
	if (resources.length === 0 && urls.length === 0) throw new CliError("at least one resource must be specified");
	if (resources.length === 0 && flags.resourceName) throw new CliError("resource must be specified for resource names");
	if (resources.length > 1 && flags.resourceName) throw new CliError("resourceName can not be applied to multiple resources");
	const groups = new Map<string, string[]>();
	if (resources.length > 0) {
		const { client } = await connect(command, cli.io);
		const mapper = await ResourceMapper.of(client);
		for (const word of resources) {
			const [named = "", ...sub] = word.split("/");
			const { group, plural } = named === "*" ? { group: "*", plural: "*" } : mapper.find(named);
			groups.set(group, [...(groups.get(group) ?? []), [plural, ...sub].join("/")]);
		}
	}
	const rules: PolicyRule[] = [...groups].map(([group, plurals]) => ({
		apiGroups: [group],
		resources: plurals,
		...(flags.resourceName && { resourceNames: flags.resourceName }),
		verbs,
	}));
	return urls.length === 0 ? rules : [...rules, { nonResourceURLs: urls, verbs }];
}
