import type { LeaseRequest } from "../../ports.ts";
import type { Scheduler } from "./scheduler.ts";

/** A container of which more than this share of some resource is in use is not worth emptying. */
const LOW_UTILIZATION = 0.5;
/** How many containers are looked at, the emptiest first. */
const LOOKS = 32;

/**
 * Name of a container whose sessions all fit onto other nodes that are in use: moving them empties it. An empty node is
 * no place to move to, since that would only change which one is left over.
 */
export function consolidation({ scheduler, containers }: { scheduler: Scheduler; containers: readonly string[] }): string | undefined {
	const candidates = containers
		.map((name) => ({ name, utilization: utilization(scheduler, name) }))
		.filter(({ utilization }) => utilization > 0 && utilization <= LOW_UTILIZATION)
		.sort((a, b) => a.utilization - b.utilization || (a.name < b.name ? -1 : 1));
	if (candidates.length === 0) return undefined;
	const empty = scheduler.nodeNames().filter((name) => scheduler.allocated(name).slots === 0);
	return candidates.slice(0, LOOKS).find(({ name }) => canBeEmptied(scheduler, name, empty))?.name;
}

/** The largest share of a resource of the node that is in use; 0 for a node without sessions. */
function utilization(scheduler: Scheduler, name: string): number {
	const capacity = scheduler.node(name)?.capacity;
	const used = scheduler.allocated(name);
	if (!capacity || used.slots === 0) return 0;
	const storage = capacity.ephemeralStorage ? used.ephemeralStorage / capacity.ephemeralStorage : 0;
	return Math.max(used.cpu / capacity.cpu, used.memory / capacity.memory, used.slots / capacity.slots, storage);
}

/** Tries it, the largest first, and puts everything back. */
function canBeEmptied(scheduler: Scheduler, name: string, empty: readonly string[]): boolean {
	const sessions = scheduler.placedOn(name);
	// Asked for before the session had any files, its request may name no node: they are here by now.
	if (sessions.some(({ workspaceBound }) => workspaceBound)) return false;
	const closed = scheduler.keeping();
	for (const other of [name, ...empty]) scheduler.close(other, closed);
	for (const { session } of sessions) scheduler.unplace(session);
	const moved = sessions.toSorted(bySize).every((request) => {
		const node = scheduler.pick(request, closed);
		if (node !== undefined) scheduler.place({ request, node });
		return node !== undefined;
	});
	for (const request of sessions) scheduler.place({ request, node: name });
	return moved;
}

function bySize(a: LeaseRequest, b: LeaseRequest): number {
	return b.requests.cpu - a.requests.cpu || b.requests.memory - a.requests.memory;
}
