import { RBAC_GROUP } from "../../api/rbac/policy.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { BINDING_COLUMNS, type BindingFields, bindingCauses, bindingSchema, changedRole } from "../rbac-binding.ts";
import type { BaseResource } from "../resource.ts";

export type RoleBinding = BaseResource & BindingFields;

export const roleBindingKind: KindDefinition<RoleBinding> = {
	group: RBAC_GROUP,
	version: "v1",
	kind: "RoleBinding",
	plural: "rolebindings",
	singular: "rolebinding",
	shortNames: [],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A RoleBinding gives a Role of its namespace, or a ClusterRole, to users, groups and ServiceAccounts in its namespace.",
	names: "path",
	schema: bindingSchema,
	validate: (binding) => bindingCauses(binding, ["Role", "ClusterRole"]),
	validateUpdate: changedRole,
	columns: BINDING_COLUMNS,
};
