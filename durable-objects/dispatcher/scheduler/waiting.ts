import type { LeaseRequest } from "../../ports.ts";

/** Somebody who waits for a node. */
export interface Waiting {
	request: LeaseRequest;
	/** When it began to wait, milliseconds since the epoch. */
	since: number;
}

/** After this long nobody of the same or a lower priority may take a node that the one who waits could use. */
export const STARVING_MS = 60_000;

export function isStarving({ since }: Waiting, now: number): boolean {
	return now - since >= STARVING_MS;
}

/** Nobody who is placed has a priority below {@link lowest}: whoever has more may make room for itself at somebody's cost. */
export function mayPreempt({ priority = 0, preemptionPolicy }: LeaseRequest, lowest: number): boolean {
	return preemptionPolicy !== "Never" && priority > lowest;
}

export function priorityOf({ request }: Pick<Waiting, "request">): number {
	return request.priority ?? 0;
}

/** The oldest first. */
export function byAge(a: Waiting, b: Waiting): number {
	return a.since - b.since || byName(a, b);
}

/** No two sessions have the same name. */
export function byName(a: Waiting, b: Waiting): number {
	if (a.request.session === b.request.session) return 0;
	return a.request.session < b.request.session ? -1 : 1;
}
