import { age } from "../../resources/age.ts";
import type { KubeObject } from "../objects.ts";

/** A core `v1` Event. */
export interface EventObject extends KubeObject {
	involvedObject?: { kind?: string; name?: string; namespace?: string };
	type?: string;
	reason?: string;
	message?: string;
	count?: number;
	firstTimestamp?: string | null;
	lastTimestamp?: string | null;
	eventTime?: string | null;
	series?: { count?: number; lastObservedTime?: string } | null;
	source?: { component?: string };
	reportingComponent?: string;
}

/** How long ago it happened, and how often since when: `2d2h (x3 over 2d3h)`. `now` in milliseconds since the epoch. */
export function eventAge(event: EventObject, now: number): string {
	const first = age(event.firstTimestamp ?? event.eventTime ?? undefined, now);
	if (event.series) return `${age(event.series.lastObservedTime, now)} (x${event.series.count ?? 0} over ${first})`;
	if ((event.count ?? 0) > 1) return `${age(event.lastTimestamp ?? undefined, now)} (x${event.count} over ${first})`;
	return first;
}

/** Who reported it. */
export function eventSource({ source, reportingComponent }: EventObject): string {
	return source?.component || reportingComponent || "";
}
