import * as z from "zod";
import { RBAC_GROUP } from "../../api/rbac/policy.ts";
import type { Cause } from "../../api/status.ts";
import { createdAtColumn } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { labelSelectorSchema } from "../label-selector.ts";
import { ruleCauses, rulesSchema } from "../rbac-rules.ts";
import type { BaseResource } from "../resource.ts";

const clusterRoleSchema = z.strictObject({
	rules: rulesSchema.default([]).describe("What may be done; filled in by the server if there is an aggregationRule"),
	aggregationRule: z
		.strictObject({
			clusterRoleSelectors: z
				.array(labelSelectorSchema)
				.max(64)
				.meta({ "x-kubernetes-list-type": "atomic" })
				.optional()
				.describe("ClusterRoles whose rules it has, by their labels"),
		})
		.optional()
		.describe("The role has the rules of other ClusterRoles, and none of its own"),
});

export type ClusterRole = BaseResource & z.output<typeof clusterRoleSchema>;

export const clusterRoleKind: KindDefinition<ClusterRole> = {
	group: RBAC_GROUP,
	version: "v1",
	kind: "ClusterRole",
	plural: "clusterroles",
	singular: "clusterrole",
	shortNames: [],
	scope: "Cluster",
	verbs: ALL_VERBS,
	description: "A ClusterRole says what may be done: everywhere if a ClusterRoleBinding gives it, in one namespace if a RoleBinding does.",
	names: "path",
	schema: clusterRoleSchema,
	validate: ({ rules, aggregationRule }) => [...ruleCauses(rules, false), ...noSelectors(aggregationRule)],
	columns: [createdAtColumn],
};

function noSelectors(aggregationRule: ClusterRole["aggregationRule"]): Cause[] {
	if (!aggregationRule || (aggregationRule.clusterRoleSelectors ?? []).length > 0) return [];
	const message = "Required value: at least one clusterRoleSelector required if aggregationRule is non-nil";
	return [{ reason: "FieldValueRequired", field: "aggregationRule.clusterRoleSelectors", message }];
}
