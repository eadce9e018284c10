import type { Cause } from "../../api/status.ts";
import { ALL_VERBS, type FieldReader, type KindDefinition } from "../kind.ts";
import { shown } from "../metadata.ts";
import type { ObjectReference } from "../references.ts";
import type { BaseResource } from "../resource.ts";
import { EVENT_COLUMNS } from "./columns.ts";
import { type EventFields, eventSchema } from "./schema.ts";

export type Event = BaseResource & EventFields;

const REFERENCE_FIELDS: readonly (keyof ObjectReference)[] = [
	"kind",
	"name",
	"namespace",
	"uid",
	"apiVersion",
	"fieldPath",
	"resourceVersion",
];

export const eventKind: KindDefinition<Event> = {
	group: "",
	version: "v1",
	kind: "Event",
	plural: "events",
	singular: "event",
	shortNames: ["ev"],
	scope: "Namespaced",
	verbs: ALL_VERBS,
	description: "An Event says what happened to an object. The same again counts up, and after an hour it is gone.",
	names: "subdomain",
	schema: eventSchema,
	validate: namespaceCauses,
	selectableFields: {
		...Object.fromEntries(REFERENCE_FIELDS.map((field) => [`involvedObject.${field}`, ofInvolved(field)])),
		reason: ({ reason }) => reason,
		type: ({ type }) => type,
		reportingComponent: ({ reportingComponent }) => reportingComponent,
		source: ({ source, reportingComponent }) => source?.component ?? reportingComponent,
	},
	columns: EVENT_COLUMNS,
};

function ofInvolved(field: keyof ObjectReference): FieldReader<Event> {
	return ({ involvedObject }) => involvedObject[field] ?? "";
}

/** An event is where its object is; those of objects of the whole cluster are in `default`. */
function namespaceCauses({ metadata, involvedObject }: Event): Cause[] {
	const { namespace = "" } = involvedObject;
	if (metadata.namespace === undefined || namespace === metadata.namespace) return [];
	if (namespace === "" && metadata.namespace === "default") return [];
	const message = `Invalid value: ${shown(namespace)}: does not match event.namespace`;
	return [{ reason: "FieldValueInvalid", field: "involvedObject.namespace", message }];
}
