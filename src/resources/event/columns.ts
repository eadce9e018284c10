import { age } from "../age.ts";
import type { Column } from "../kind.ts";
import type { BaseResource } from "../resource.ts";
import type { EventFields } from "./schema.ts";

type Event = BaseResource & EventFields;

/** Events have their own order: NAME, which says nothing, is the last and wide. */
export const EVENT_COLUMNS: readonly Column<Event>[] = [
	{ name: "Last Seen", type: "string", description: "Time since it last happened", cell: (event, now) => age(lastSeen(event), now) },
	{ name: "Type", type: "string", description: "Normal or Warning", cell: ({ type }) => type },
	{ name: "Reason", type: "string", description: "What happened, in one word", cell: ({ reason }) => reason },
	{ name: "Object", type: "string", description: "What it is about", cell: objectOf },
	{
		name: "Subobject",
		type: "string",
		description: "Part of the object",
		priority: 1,
		cell: (event) => event.involvedObject.fieldPath ?? "",
	},
	{ name: "Source", type: "string", description: "Who reports it", priority: 1, cell: sourceOf },
	{ name: "Message", type: "string", description: "What happened", cell: ({ message }) => message.trim() },
	{
		name: "First Seen",
		type: "string",
		description: "Time since it first happened",
		priority: 1,
		cell: (event, now) => age(firstSeen(event), now),
	},
	{ name: "Count", type: "integer", description: "How often it happened", priority: 1, cell: countOf },
	{ name: "Name", type: "string", format: "name", description: "Name of the event", priority: 1, cell: ({ metadata }) => metadata.name },
];

function firstSeen({ firstTimestamp, eventTime }: Event): string | undefined {
	return firstTimestamp ?? eventTime;
}

export function lastSeen(event: Event): string | undefined {
	return event.series?.lastObservedTime ?? event.lastTimestamp ?? firstSeen(event);
}

export function countOf({ series, count }: Event): number {
	return series?.count ?? (count || 1);
}

/** `agent/coder`, as kubectl writes it. */
function objectOf({ involvedObject: { kind, name } }: Event): string {
	return [kind?.toLowerCase(), name].filter(Boolean).join("/");
}

function sourceOf({ source, reportingComponent, reportingInstance }: Event): string {
	const component = source?.component ?? reportingComponent;
	const host = source?.host ?? reportingInstance;
	return [component, host].filter(Boolean).join(", ");
}
