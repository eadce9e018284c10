import * as z from "zod";
import { RBAC_GROUP } from "../api/rbac/policy.ts";
import type { Cause } from "../api/status.ts";
import { ageColumn } from "./columns.ts";
import { canonicalJson } from "./digest.ts";
import type { Column } from "./kind.ts";
import { shown } from "./metadata.ts";
import { nameProblem } from "./name.ts";
import type { BaseResource } from "./resource.ts";

const subjectSchema = z
	.strictObject({
		kind: z.enum(["User", "Group", "ServiceAccount"]).describe("User, Group or ServiceAccount"),
		apiGroup: z.string().max(253).optional().describe(`${RBAC_GROUP} for users and groups, nothing for ServiceAccounts`),
		name: z.string().max(1024).default("").describe("Name of the user, group or ServiceAccount"),
		namespace: z.string().max(63).optional().describe("Namespace of the ServiceAccount"),
	})
	.transform((subject) => (subject.kind === "ServiceAccount" ? subject : { ...subject, apiGroup: subject.apiGroup || RBAC_GROUP }))
	.meta({ "x-kubernetes-map-type": "atomic" });

/** The fields of RoleBindings and ClusterRoleBindings. */
export const bindingSchema = z.strictObject({
	subjects: z.array(subjectSchema).max(1000).meta({ "x-kubernetes-list-type": "atomic" }).optional().describe("Who gets the role"),
	roleRef: z
		.strictObject({
			apiGroup: z.string().max(253).default(RBAC_GROUP).describe(`${RBAC_GROUP}`),
			kind: z.string().max(63).describe("Role or ClusterRole"),
			name: z.string().max(253).default("").describe("Name of the role"),
		})
		.meta({ "x-kubernetes-map-type": "atomic" })
		.describe("The role; it cannot be changed, so that nobody who may change a binding may choose the role"),
});
export type BindingFields = z.output<typeof bindingSchema>;
type Subject = NonNullable<BindingFields["subjects"]>[number];

/** What Kubernetes refuses in a binding. `roleKinds` are the kinds of role that it may bind. */
export function bindingCauses({ roleRef, subjects = [] }: BindingFields, roleKinds: readonly string[]): Cause[] {
	const causes: Cause[] = [];
	if (roleRef.apiGroup !== RBAC_GROUP) causes.push(unsupported("roleRef.apiGroup", roleRef.apiGroup, [RBAC_GROUP]));
	if (!roleKinds.includes(roleRef.kind)) causes.push(unsupported("roleRef.kind", roleRef.kind, roleKinds));
	if (roleRef.name === "") causes.push({ reason: "FieldValueRequired", field: "roleRef.name", message: "Required value" });
	else {
		const problem = nameProblem("path", roleRef.name);
		if (problem)
			causes.push({ reason: "FieldValueInvalid", field: "roleRef.name", message: `Invalid value: ${shown(roleRef.name)}: ${problem}` });
	}
	return [...causes, ...subjects.flatMap((subject, index) => subjectCauses(subject, `subjects[${index}]`))];
}

function subjectCauses({ kind, name, namespace, apiGroup = "" }: Subject, field: string): Cause[] {
	const causes: Cause[] = [];
	if (name === "") causes.push({ reason: "FieldValueRequired", field: `${field}.name`, message: "Required value" });
	if (kind !== "ServiceAccount") {
		if (apiGroup !== RBAC_GROUP) causes.push(unsupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP]));
		return causes;
	}
	const problem = name === "" ? undefined : nameProblem("subdomain", name);
	if (problem) causes.push({ reason: "FieldValueInvalid", field: `${field}.name`, message: `Invalid value: ${shown(name)}: ${problem}` });
	if (apiGroup !== "") causes.push(unsupported(`${field}.apiGroup`, apiGroup, [""]));
	if (!namespace) causes.push({ reason: "FieldValueRequired", field: `${field}.namespace`, message: "Required value" });
	return causes;
}

export function changedRole(old: BindingFields, next: BindingFields): Cause[] {
	if (canonicalJson(old.roleRef) === canonicalJson(next.roleRef)) return [];
	return [{ reason: "FieldValueInvalid", field: "roleRef", message: `Invalid value: ${shown(next.roleRef)}: cannot change roleRef` }];
}

function unsupported(field: string, value: string, supported: readonly string[]): Cause {
	const list = supported.map((each) => `"${each}"`).join(", ");
	return { reason: "FieldValueNotSupported", field, message: `Unsupported value: ${shown(value)}: supported values: ${list}` };
}

export const BINDING_COLUMNS: readonly Column<BaseResource & BindingFields>[] = [
	{ name: "Role", type: "string", description: "The role", cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
	ageColumn,
	{ name: "Users", type: "string", description: "Users that get it", priority: 1, cell: ({ subjects }) => named(subjects, "User") },
	{ name: "Groups", type: "string", description: "Groups that get it", priority: 1, cell: ({ subjects }) => named(subjects, "Group") },
	{
		name: "ServiceAccounts",
		type: "string",
		description: "ServiceAccounts that get it",
		priority: 1,
		cell: ({ subjects }) => named(subjects, "ServiceAccount"),
	},
];

function named(subjects: readonly Subject[] = [], kind: Subject["kind"]): string {
	return subjects
		.filter((subject) => subject.kind === kind)
		.map(({ name, namespace }) => (kind === "ServiceAccount" ? `${namespace}/${name}` : name))
		.join(", ");
}
