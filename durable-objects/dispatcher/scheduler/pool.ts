import type { LeaseRequest } from "../../ports.ts";
import { DEFAULT_CONFIG } from "./config.ts";
import { Frontier } from "./frontier.ts";
import { Scheduler } from "./scheduler.ts";
import type { SchedulerNode } from "./types.ts";

const HOSTNAME_LABEL = "kubernetes.io/hostname";

export interface Growth {
	/** Those who fit nowhere, in the order in which they are served. */
	waiting: readonly LeaseRequest[];
	/** A node as a new container would be. */
	template: SchedulerNode;
	/** Containers that are being started: they will take some of those who wait. */
	starting: number;
	/** Containers that there are, with those that are being started. */
	existing: number;
	max: number;
	/** Starts at once. */
	maxStarting: number;
	/** The pool, to leave out those whom a new node would not help, say because they must be near a session elsewhere. */
	scheduler?: Scheduler;
}

/** How many containers to start: those who wait are packed onto new nodes in order, as the scheduler itself would. */
export function growth({ waiting, template, starting, existing, max, maxStarting, scheduler }: Growth): number {
	const most = Math.min(max - existing, maxStarting - starting);
	if (most <= 0 || waiting.length === 0) return 0;
	const imagined = new Scheduler(DEFAULT_CONFIG);
	let nodes = 0;
	const start = () => {
		nodes += 1;
		const name = `new-${nodes}`;
		imagined.setNode({ ...template, name, ready: true, labels: { ...template.labels, [HOSTNAME_LABEL]: name } });
		return name;
	};
	while (nodes < starting) start();
	// Thousands may wait that no new node would help, and most of them are alike.
	const helpless = new Frontier();
	for (const asked of waiting) {
		const kind = (scheduler ?? imagined).kindOf(asked);
		if (helpless.reaches(kind, asked.requests)) continue;
		const request = withoutNeighbours(asked);
		if ((scheduler && !scheduler.wouldFit(asked, template)) || !imagined.wouldFit(request, template)) {
			helpless.add(kind, asked.requests);
			continue;
		}
		let node = imagined.pick(request);
		if (node === undefined) {
			if (nodes === starting + most) break;
			node = start();
		}
		imagined.place({ request, node });
	}
	return nodes - starting;
}

/** Sessions to be near to are elsewhere, and so is the node that the files were on. */
function withoutNeighbours({ affinity, ...request }: LeaseRequest): LeaseRequest {
	if (!affinity) return request;
	const { sessionAffinity: _, ...rest } = affinity;
	return { ...request, affinity: rest };
}

export interface Idle {
	name: string;
	/** When it has been idle for long enough, milliseconds since the epoch. */
	tiredAt: number;
}

/** Names of idle containers to stop: those that were to go first, so that `min` are left. */
export function shrinkable(given: { nodes: readonly Idle[]; existing: number; min: number; now: number }): string[] {
	const { nodes, existing, min, now } = given;
	const tired = nodes.filter(({ tiredAt }) => tiredAt <= now);
	const longest = tired.toSorted((a, b) => a.tiredAt - b.tiredAt || (a.name < b.name ? -1 : 1));
	return longest.slice(0, Math.max(0, existing - min)).map(({ name }) => name);
}

/**
 * Name of an idle container that another namespace has had, to be stopped so that a fresh one can be started for those who
 * wait: the one that has been idle for longest. To be asked when the pool is as large as it may be and none is stopping.
 */
export function recyclable(given: {
	waiting: readonly LeaseRequest[];
	template: SchedulerNode;
	idle: readonly { name: string; boundNamespace?: string; idleSince?: number }[];
	scheduler?: Scheduler;
}): string | undefined {
	const { waiting, template, idle, scheduler } = given;
	const limits = { starting: 0, existing: 0, max: 1, maxStarting: 1 };
	if (growth({ waiting, template, scheduler, ...limits }) === 0) return undefined;
	const bound = idle.filter(({ boundNamespace }) => boundNamespace !== undefined);
	return bound.toSorted((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0) || (a.name < b.name ? -1 : 1))[0]?.name;
}

export { consolidation } from "./consolidation.ts";
