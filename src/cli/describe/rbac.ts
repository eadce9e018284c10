import * as z from "zod";
import { POLICY_HEADS, policyRows, policyRuleSchema } from "../policy-rules.ts";
import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { describeMetadata } from "./metadata.ts";

const roleSchema = z.looseObject({ rules: z.array(policyRuleSchema).nullish() });
const bindingSchema = z.looseObject({
	roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
	subjects: z.array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().nullish() })).nullish(),
});

/** Of a Role or a ClusterRole. */
export const describeRole: Describe = (object) => {
	const text = new Description();
	describeMetadata(text, object.metadata, { namespaced: false });
	text.line(0, "PolicyRule:");
	text.table(1, POLICY_HEADS, policyRows(roleSchema.parse(object).rules ?? []));
	return text.toString();
};

/** Of a RoleBinding or a ClusterRoleBinding. */
export const describeBinding: Describe = (object) => {
	const { roleRef, subjects } = bindingSchema.parse(object);
	const text = new Description();
	describeMetadata(text, object.metadata, { namespaced: false });
	text.line(0, "Role:");
	text.line(1, "Kind:", roleRef.kind);
	text.line(1, "Name:", roleRef.name);
	text.line(0, "Subjects:");
	text.table(
		1,
		["Kind", "Name", "Namespace"],
		(subjects ?? []).map(({ kind, name, namespace }) => [kind, name, namespace ?? ""]),
	);
	return text.toString();
};
