import { Backlog } from "./backlog.ts";
import { Pass } from "./pass.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Placed } from "./types.ts";
import { byName, mayPreempt, priorityOf, type Waiting } from "./waiting.ts";

export { STARVING_MS, type Waiting } from "./waiting.ts";

/** What the order in which requests are served depends on besides themselves. */
export type Standing = Pick<Scheduler, "dominantShare" | "sizeClass">;

/**
 * Those who wait in the order in which they are served: by priority, then those whose namespace has the smallest share of
 * the pool, then the oldest, and of those that came in the same moment the largest. Shares are as they are now;
 * {@link drain} follows them as it grants.
 */
export function order<W extends Waiting>(waiting: readonly W[], standing: Standing): W[] {
	const shares = new Map<string, number>();
	for (const { request } of waiting)
		if (!shares.has(request.namespace)) shares.set(request.namespace, standing.dominantShare(request.namespace));
	const shareOf = ({ request }: W) => shares.get(request.namespace) ?? 0;
	const size = ({ request }: W) => standing.sizeClass(request);
	return waiting.toSorted(
		(a, b) => priorityOf(b) - priorityOf(a) || shareOf(a) - shareOf(b) || a.since - b.since || size(b) - size(a) || byName(a, b),
	);
}

/**
 * Places those who wait, and places them in the scheduler too. A small request may pass a big one that does not fit yet, but
 * only until the big one starves: then the nodes that it could use are kept for it.
 *
 * `blocked`: those who may make room for themselves at the cost of lower priorities, in order; room is kept for some already.
 */
export function drain<W extends Waiting>(scheduler: Scheduler, waiting: readonly W[], now: number): { grants: Placed[]; blocked: W[] } {
	const lowest = scheduler.lowestPriority();
	const pass = new Pass<W>(scheduler, now);
	pass.run(new Backlog(scheduler, waiting).groups());
	const served = new Set(pass.grants.map(({ request: { session } }) => session));
	const blocked = waiting.filter(({ request }) => !served.has(request.session) && mayPreempt(request, lowest));
	return { grants: pass.grants, blocked: order(blocked, scheduler) };
}
