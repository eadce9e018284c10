import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { ageColumn } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { qualifiedNameProblem } from "../name.ts";
import { parseQuantity } from "../quantity.ts";
import type { BaseResource } from "../resource.ts";
import { isCounted, STANDARD_QUOTA_RESOURCES } from "./quota-resources.ts";
import { type ResourceQuotaSpec, type ResourceQuotaStatus, resourceQuotaSpecSchema, resourceQuotaStatusSchema } from "./schema.ts";

export interface ResourceQuota extends BaseResource {
	spec: ResourceQuotaSpec;
	status?: ResourceQuotaStatus;
}

export const resourceQuotaKind: KindDefinition<ResourceQuota> = {
	group: "",
	version: "v1",
	kind: "ResourceQuota",
	plural: "resourcequotas",
	singular: "resourcequota",
	shortNames: ["quota"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description:
		"A ResourceQuota limits how many objects a namespace may have and how much they may request. It is enforced when objects are written.",
	names: "subdomain",
	schema: z.strictObject({ spec: resourceQuotaSpecSchema.prefault({}).describe("The limits") }),
	status: resourceQuotaStatusSchema,
	validate: ({ spec: { hard = {} } }) => Object.entries(hard).flatMap(([name, value]) => hardCauses(name, value)),
	columns: [
		{
			name: "Request",
			type: "string",
			description: "What is used of what may be requested or counted",
			cell: (quota) => usage(quota, false),
		},
		{ name: "Limit", type: "string", description: "What is used of what may be the limits", cell: (quota) => usage(quota, true) },
		ageColumn,
	],
};

function hardCauses(name: string, value: string): Cause[] {
	const field = `spec.hard[${name}]`;
	const invalid = (shown: string, problem: string): Cause[] => [
		{ reason: "FieldValueInvalid", field, message: `Invalid value: "${shown}": ${problem}` },
	];
	const problem = qualifiedNameProblem(name);
	if (problem) return invalid(name, problem);
	if (!name.includes("/") && !STANDARD_QUOTA_RESOURCES.includes(name)) return invalid(name, "must be a standard resource for quota");
	if (isCounted(name) && !Number.isInteger(parseQuantity(value))) return invalid(value, "must be an integer");
	return [];
}

/** `count/agents.klaw.sh: 3/5, pods: 1/10`, as Kubernetes prints it. */
function usage({ status: { hard = {}, used = {} } = {} }: ResourceQuota, limits: boolean): string {
	return Object.keys(hard)
		.filter((name) => name.startsWith("limits.") === limits)
		.sort()
		.map((name) => `${name}: ${used[name] ?? 0}/${hard[name]}`)
		.join(", ");
}
