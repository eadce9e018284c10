import { RBAC_GROUP } from "../../api/rbac/policy.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { BINDING_COLUMNS, type BindingFields, bindingCauses, bindingSchema, changedRole } from "../rbac-binding.ts";
import type { BaseResource } from "../resource.ts";

export type ClusterRoleBinding = BaseResource & BindingFields;

export const clusterRoleBindingKind: KindDefinition<ClusterRoleBinding> = {
	group: RBAC_GROUP,
	version: "v1",
	kind: "ClusterRoleBinding",
	plural: "clusterrolebindings",
	singular: "clusterrolebinding",
	shortNames: [],
	scope: "Cluster",
	verbs: ALL_VERBS,
	description: "A ClusterRoleBinding gives a ClusterRole to users, groups and ServiceAccounts, everywhere.",
	names: "path",
	schema: bindingSchema,
	validate: (binding) => bindingCauses(binding, ["ClusterRole"]),
	validateUpdate: changedRole,
	columns: BINDING_COLUMNS,
};
