import * as z from "zod";
import { EVENT_COLUMNS } from "../event/columns.ts";
import { type Event, eventKind } from "../event/kind.ts";
import { type Column, type KindDefinition, READ_VERBS } from "../kind.ts";
import { objectReferenceSchema } from "../references.ts";
import type { BaseResource } from "../resource.ts";

const sourceSchema = z.object({
	component: z.string().optional().describe("Part of the system that reports it"),
	host: z.string().optional().describe("Node that reports it"),
});

const eventsEventSchema = z.object({
	eventTime: z.string().optional().describe("When it first happened, in microseconds"),
	series: z
		.object({
			count: z.number().int().describe("How often it has happened in the series"),
			lastObservedTime: z.string().describe("When it last happened"),
		})
		.optional()
		.describe("Set while it keeps happening"),
	reportingController: z.string().describe("Controller that reports it"),
	reportingInstance: z.string().describe("Which instance of the controller"),
	action: z.string().optional().describe("What was done, or failed"),
	reason: z.string().describe("What happened, in one CamelCase word"),
	regarding: objectReferenceSchema.describe("What it is about"),
	related: objectReferenceSchema.optional().describe("Another object that has to do with it"),
	note: z.string().describe("What happened, in a sentence"),
	type: z.enum(["Normal", "Warning"]).describe("Normal or Warning"),
	deprecatedSource: sourceSchema.optional().describe("`source` of the event in the core group"),
	deprecatedFirstTimestamp: z.string().optional().describe("`firstTimestamp` of the event in the core group"),
	deprecatedLastTimestamp: z.string().optional().describe("`lastTimestamp` of the event in the core group"),
	deprecatedCount: z.number().int().optional().describe("`count` of the event in the core group"),
});

export type EventsEvent = BaseResource & z.output<typeof eventsEventSchema>;

export const eventsEventKind: KindDefinition<EventsEvent> = {
	group: "events.k8s.io",
	version: "v1",
	kind: "Event",
	plural: "events",
	singular: "event",
	shortNames: ["ev"],
	scope: "Namespaced",
	verbs: READ_VERBS,
	description: "An Event of the core group, in the newer words of events.k8s.io.",
	names: "subdomain",
	schema: eventsEventSchema,
	selectableFields: {
		reason: ({ reason }) => reason,
		type: ({ type }) => type,
		reportingController: ({ reportingController }) => reportingController,
		"regarding.kind": ({ regarding }) => regarding.kind ?? "",
		"regarding.name": ({ regarding }) => regarding.name ?? "",
		"regarding.namespace": ({ regarding }) => regarding.namespace ?? "",
		"regarding.uid": ({ regarding }) => regarding.uid ?? "",
		"regarding.apiVersion": ({ regarding }) => regarding.apiVersion ?? "",
		"regarding.fieldPath": ({ regarding }) => regarding.fieldPath ?? "",
		"regarding.resourceVersion": ({ regarding }) => regarding.resourceVersion ?? "",
	},
	projection: { of: eventKind.plural, read: (stored) => eventsEventOf(stored as Event) },
	columns: EVENT_COLUMNS.map((column): Column<EventsEvent> => ({ ...column, cell: (event, now) => column.cell(coreEventOf(event), now) })),
};

/** A core event in the words of `events.k8s.io`. */
export function eventsEventOf(event: Event): EventsEvent {
	const {
		involvedObject,
		message,
		reportingComponent,
		source,
		firstTimestamp,
		lastTimestamp,
		count,
		series,
		apiVersion: _,
		...same
	} = event;
	return {
		...same,
		apiVersion: "events.k8s.io/v1",
		regarding: involvedObject,
		note: message,
		reportingController: reportingComponent || (source?.component ?? ""),
		...(series === undefined ? {} : { series: { count: series.count ?? 0, lastObservedTime: series.lastObservedTime ?? "" } }),
		...(source === undefined ? {} : { deprecatedSource: source }),
		...(firstTimestamp === undefined ? {} : { deprecatedFirstTimestamp: firstTimestamp }),
		...(lastTimestamp === undefined ? {} : { deprecatedLastTimestamp: lastTimestamp }),
		...(count === undefined ? {} : { deprecatedCount: count }),
	};
}

function coreEventOf(event: EventsEvent): Event {
	const {
		regarding,
		note,
		reportingController,
		deprecatedSource,
		deprecatedFirstTimestamp,
		deprecatedLastTimestamp,
		deprecatedCount,
		...same
	} = event;
	return {
		...same,
		involvedObject: regarding,
		message: note,
		reportingComponent: reportingController,
		source: deprecatedSource,
		firstTimestamp: deprecatedFirstTimestamp,
		lastTimestamp: deprecatedLastTimestamp,
		count: deprecatedCount,
	};
}
