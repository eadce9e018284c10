import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { createdAtColumn } from "../columns.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import { parseQuantity } from "../quantity.ts";
import type { BaseResource } from "../resource.ts";
import { amount } from "../resourcequota/schema.ts";

const amounts = z.record(z.string().min(1).max(317), amount).optional();

const limitRangeSpecSchema = z.strictObject({
	limits: z
		.array(
			z.strictObject({
				type: z.enum(["Container", "Pod", "PersistentVolumeClaim"]).describe("Container or Pod: either is a session of an agent"),
				max: amounts.describe("The most that may be asked for, by resource"),
				min: amounts.describe("The least that may be asked for, by resource"),
				default: amounts.describe("Limits of agents that state none, by resource"),
				defaultRequest: amounts.describe("Requests of agents that state none, by resource"),
				maxLimitRequestRatio: amounts.describe("How many times its request a limit may be, by resource"),
			}),
		)
		.max(64)
		.meta({ "x-kubernetes-list-type": "atomic" })
		.describe("Limits, one entry a type"),
});
export type LimitRangeItem = z.output<typeof limitRangeSpecSchema>["limits"][number];

export interface LimitRange extends BaseResource {
	spec: z.output<typeof limitRangeSpecSchema>;
}

export const limitRangeKind: KindDefinition<LimitRange> = {
	group: "",
	version: "v1",
	kind: "LimitRange",
	plural: "limitranges",
	singular: "limitrange",
	shortNames: ["limits"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "A LimitRange gives agents that state no resources their defaults, and bounds what any may ask for.",
	names: "subdomain",
	schema: z.strictObject({ spec: limitRangeSpecSchema.describe("The defaults and bounds") }),
	validate: ({ spec }) => spec.limits.flatMap((item, index) => [...podDefaults(item, index), ...disorder(item, index)]),
	columns: [createdAtColumn],
};

function podDefaults(item: LimitRangeItem, index: number): Cause[] {
	if (item.type !== "Pod") return [];
	return (["default", "defaultRequest"] as const)
		.filter((field) => item[field] !== undefined)
		.map((field) => ({
			reason: "FieldValueForbidden",
			field: `spec.limits[${index}].${field}`,
			message: "Forbidden: may not be specified when `type` is 'Pod'",
		}));
}

/** Each of these may not be above the ones after it. */
const ORDER = ["min", "defaultRequest", "default", "max"] as const;
/** How Kubernetes calls them in messages. */
const CALLED = { min: "min value", defaultRequest: "default request value", default: "default value", max: "max value" };

function disorder(item: LimitRangeItem, index: number): Cause[] {
	const causes: Cause[] = [];
	for (const [place, lower] of ORDER.entries()) {
		for (const upper of ORDER.slice(place + 1)) {
			for (const [name, low] of Object.entries(item[lower] ?? {})) {
				const high = item[upper]?.[name];
				if (high === undefined || parseQuantity(low) <= parseQuantity(high)) continue;
				causes.push({
					reason: "FieldValueInvalid",
					field: `spec.limits[${index}].${lower}[${name}]`,
					message: `Invalid value: "${low}": ${CALLED[lower]} ${low} is greater than ${CALLED[upper]} ${high}`,
				});
			}
		}
	}
	return causes;
}
