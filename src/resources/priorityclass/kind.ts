import * as z from "zod";
import type { Cause } from "../../api/status.ts";
import { ageColumn } from "../columns.ts";
import { immutable } from "../immutable.ts";
import { ALL_VERBS, type KindDefinition } from "../kind.ts";
import type { BaseResource } from "../resource.ts";
import { systemClass } from "./system-classes.ts";

/** Highest value of a class that is not the system's: Kubernetes' number. */
export const HIGHEST_USER_PRIORITY = 1_000_000_000;

const priorityClassSchema = z.strictObject({
	value: z
		.number()
		.int()
		.min(-(2 ** 31))
		.max(2 ** 31 - 1)
		.default(0)
		.describe("Who has more goes first, and may take the place of who has less"),
	globalDefault: z.boolean().optional().describe("Sessions whose agent names no class have this one; only one class can be it"),
	description: z.string().max(16_384).optional().describe("What it is for"),
	preemptionPolicy: z
		.enum(["Never", "PreemptLowerPriority"])
		.default("PreemptLowerPriority")
		.describe("PreemptLowerPriority: sessions of less priority are asked to leave; Never: it only goes first in the queue"),
});

export type PriorityClass = BaseResource & z.output<typeof priorityClassSchema>;

export const priorityClassKind: KindDefinition<PriorityClass> = {
	group: "scheduling.k8s.io",
	version: "v1",
	kind: "PriorityClass",
	plural: "priorityclasses",
	singular: "priorityclass",
	shortNames: ["pc"],
	scope: "Cluster",
	verbs: ALL_VERBS,
	description: "A PriorityClass says how much the sessions of an agent matter when there are too few machines for all.",
	names: "subdomain",
	schema: priorityClassSchema,
	validate: (priorityClass) => (isReserved(priorityClass) ? reserved(priorityClass) : tooHigh(priorityClass)),
	validateUpdate: (old, next) => [
		...(old.value === next.value ? [] : [forbidden("value", "may not be changed in an update.")]),
		...immutable("preemptionPolicy", old.preemptionPolicy, next.preemptionPolicy),
	],
	columns: [
		{ name: "Value", type: "integer", description: "Its priority", cell: ({ value }) => value },
		{
			name: "Global-Default",
			type: "string",
			description: "Whether sessions have it whose agent names none",
			cell: ({ globalDefault = false }) => String(globalDefault),
		},
		ageColumn,
		{
			name: "PreemptionPolicy",
			type: "string",
			description: "Whether sessions of less priority are asked to leave",
			cell: ({ preemptionPolicy }) => preemptionPolicy,
		},
	],
};

function isReserved({ metadata }: PriorityClass): boolean {
	return metadata.name.startsWith("system-");
}

/** Of the names that the system keeps for itself only its own classes are good, and only as they are. */
function reserved({ metadata, value }: PriorityClass): Cause[] {
	if (systemClass(metadata.name)?.value === value) return [];
	return [forbidden("metadata.name", "priority class names with 'system-' prefix are reserved for system use only")];
}

function tooHigh({ value }: PriorityClass): Cause[] {
	if (value <= HIGHEST_USER_PRIORITY) return [];
	return [forbidden("value", `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`)];
}

function forbidden(field: string, why: string): Cause {
	return { reason: "FieldValueForbidden", field, message: `Forbidden: ${why}` };
}
