import type { Generator, GeneratorFlags } from "./generator.ts";
import { addRuleOptions, policyRules, type RuleFlags } from "./policy-rules.ts";

export const createRole: Generator<GeneratorFlags & RuleFlags> = {
	name: "role",
	description: "create a Role: what may be done in one namespace",
	kind: { group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", plural: "roles", namespaced: true },
	options: addRuleOptions,
	object: async (flags, { command, cli }) => ({ rules: await policyRules(flags, command, cli) }),
};
