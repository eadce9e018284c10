import { apiVersionOf, type KindDefinition } from "../resources/kind.ts";
import type { BaseResource } from "../resources/resource.ts";
import { toPartial } from "./partial-object.ts";
import type { Status } from "./status.ts";
import { columnsOf, type IncludeObject, toTable } from "./table.ts";

/** What a watch is told, before it is rendered. */
export type WatchEvent =
	| { type: "ADDED" | "MODIFIED" | "DELETED"; object: BaseResource }
	| { type: "BOOKMARK"; resourceVersion: string; initialEventsEnd: boolean }
	| { type: "ERROR"; status: Status };

/** One line of a watch. */
export interface RenderedEvent {
	type: WatchEvent["type"];
	object: unknown;
}

export interface EventOptions {
	as: "Object" | "Table" | "PartialObjectMetadata";
	includeObject: IncludeObject;
	/** The first event of its watch: as a Table it brings the columns. */
	first: boolean;
	/** Milliseconds since the epoch, for ages. */
	now: number;
}

/** Marks the bookmark after what was there first (`sendInitialEvents`). */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

export function renderEvent(kind: KindDefinition, event: WatchEvent, options: EventOptions): RenderedEvent {
	// Whatever was asked for, an error is a Status.
	if (event.type === "ERROR") return { type: "ERROR", object: event.status };
	if (event.type === "BOOKMARK") return { type: "BOOKMARK", object: renderBookmark(kind, event, options) };
	return { type: event.type, object: renderObject(kind, event.object, options) };
}

function renderObject(kind: KindDefinition, object: BaseResource, { as, includeObject, first, now }: EventOptions): unknown {
	if (as === "Object") return object;
	if (as === "PartialObjectMetadata") return toPartial(object);
	return toTable(kind, [object], { resourceVersion: object.metadata.resourceVersion, now, include: includeObject, headless: !first });
}

/** An object of the watched kind with nothing in it but where the watch stands. */
function renderBookmark(
	kind: KindDefinition,
	{ resourceVersion, initialEventsEnd }: Extract<WatchEvent, { type: "BOOKMARK" }>,
	{ as, includeObject, first, now }: EventOptions,
): unknown {
	const metadata = {
		resourceVersion,
		creationTimestamp: null,
		...(initialEventsEnd ? { annotations: { [INITIAL_EVENTS_END]: "true" } } : {}),
	};
	const whole = { kind: kind.kind, apiVersion: apiVersionOf(kind), metadata };
	const partial = { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
	if (as === "Object") return whole;
	if (as === "PartialObjectMetadata") return partial;
	const carried = includeObject === "None" ? {} : { object: includeObject === "Object" ? whole : partial };
	return {
		...toTable(kind, [], { resourceVersion, now, headless: !first }),
		// No column can be asked about an object that is none.
		rows: [{ cells: columnsOf(kind).map(() => ""), ...carried }],
	};
}
