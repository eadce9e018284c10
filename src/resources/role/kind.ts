import * as z from "zod";
import { RBAC_GROUP } from "../../api/rbac/policy.ts";
import { createdAtColumn } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { ruleCauses, rulesSchema } from "../rbac-rules.ts";
import type { BaseResource } from "../resource.ts";

const roleSchema = z.strictObject({ rules: rulesSchema.default([]).describe("What may be done in the role's namespace") });

export type Role = BaseResource & z.output<typeof roleSchema>;

export const roleKind: KindDefinition<Role> = {
	group: RBAC_GROUP,
	version: "v1",
	kind: "Role",
	plural: "roles",
	singular: "role",
	shortNames: [],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A Role says what may be done in its namespace. A RoleBinding gives it to somebody.",
	names: "path",
	schema: roleSchema,
	validate: ({ rules }) => ruleCauses(rules, true),
	columns: [createdAtColumn],
};
