import type { LeaseRequest, ResourceRequest } from "../../ports.ts";
import { Frontier } from "./frontier.ts";
import { Heap } from "./heap.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Placed } from "./types.ts";

/** Somebody who waits for a node. */
export interface Waiting {
	request: LeaseRequest;
	/** When it began to wait, milliseconds since the epoch. */
	since: number;
}

/** After this long nobody of the same or a lower priority may take a node that the one who waits could use. */
export const STARVING_MS = 60_000;

/**
 * Those who wait in the order in which they are served: by priority, then those whose namespace has the smallest share of
 * the pool, then the oldest. Shares are as they are now; {@link drain} follows them as it grants.
 */
export function order<W extends Waiting>(waiting: readonly W[], dominantShare: (namespace: string) => number): W[] {
	const shares = new Map<string, number>();
	for (const { request } of waiting) if (!shares.has(request.namespace)) shares.set(request.namespace, dominantShare(request.namespace));
	const shareOf = ({ request }: W) => shares.get(request.namespace) ?? 0;
	return waiting.toSorted((a, b) => priorityOf(b) - priorityOf(a) || shareOf(a) - shareOf(b) || byAge(a, b));
}

/**
 * Places those who wait, and places them in the scheduler too. A small request may pass a big one that does not fit yet, but
 * only until the big one starves: then the nodes that it could use are kept for it.
 *
 * `blocked`: those who may make room for themselves at the cost of lower priorities, in order; room is kept for some already.
 */
export function drain<W extends Waiting>(scheduler: Scheduler, waiting: readonly W[], now: number): { grants: Placed[]; blocked: W[] } {
	const pass = new Pass<W>(scheduler, now);
	for (const level of byPriority(waiting)) pass.serve(level);
	return { grants: pass.grants, blocked: pass.blocked };
}

interface Line<W> {
	namespace: string;
	share: number;
	/** Oldest first. */
	waiting: W[];
	at: number;
}

class Pass<W extends Waiting> {
	readonly grants: Placed[] = [];
	readonly blocked: W[] = [];
	readonly #scheduler: Scheduler;
	readonly #now: number;
	/** Nodes only fill up during a pass: nobody who asks for more than this needs to be looked at. */
	readonly #room: ResourceRequest & { slots: number };
	readonly #lowestPriority: number;
	readonly #kept: ReturnType<Scheduler["keeping"]>;
	#keeps = false;
	readonly #keptFor = new Frontier();
	/** Those that did not fit, and will not in this pass. */
	readonly #refused = new Frontier();
	/** Those that did not fit, but may after the next grant. */
	readonly #refusedForNow = new Frontier();

	constructor(scheduler: Scheduler, now: number) {
		this.#scheduler = scheduler;
		this.#now = now;
		this.#room = scheduler.largestRoom();
		this.#lowestPriority = scheduler.lowestPriority();
		this.#kept = scheduler.keeping();
	}

	/** Those of one priority: always the oldest of the namespace that has least. */
	serve(level: readonly W[]): void {
		const lines = new Heap<Line<W>>((a, b) => a.share < b.share || (a.share === b.share && byAge(a.waiting[a.at], b.waiting[b.at]) < 0));
		for (const [namespace, waiting] of Map.groupBy(level, ({ request }) => request.namespace))
			lines.push({ namespace, share: this.#scheduler.dominantShare(namespace), waiting: waiting.toSorted(byAge), at: 0 });
		for (let line = lines.pop(); line; line = lines.pop()) {
			const next = line.waiting[line.at++];
			if (next && this.#try(next)) line.share = this.#scheduler.dominantShare(line.namespace);
			if (line.at < line.waiting.length) lines.push(line);
		}
	}

	#try(next: W): boolean {
		const { request } = next;
		const kind = this.#scheduler.kindOf(request);
		const node = this.#isHopeless(request, kind) ? undefined : this.#scheduler.pick(request, this.#keeps ? this.#kept : undefined);
		if (node !== undefined) {
			this.#scheduler.place({ request, node });
			this.grants.push({ request, node });
			this.#refusedForNow.clear();
			return true;
		}
		// Whoever has room kept for it may be placed where others of its kind are not.
		if (this.#scheduler.nominated(request.session) === undefined)
			(dependsOnOthers(request) ? this.#refusedForNow : this.#refused).add(kind, request.requests);
		if (request.preemptionPolicy !== "Never" && priorityOf(next) > this.#lowestPriority) this.blocked.push(next);
		if (this.#now - next.since >= STARVING_MS) this.#keepFor(request);
		return false;
	}

	#isHopeless(request: LeaseRequest, kind: string): boolean {
		const { requests } = request;
		const { cpu, memory, ephemeralStorage = 0, slots } = this.#room;
		if (slots < 1 || requests.cpu > cpu || requests.memory > memory || (requests.ephemeralStorage ?? 0) > ephemeralStorage) return true;
		if (this.#scheduler.nominated(request.session) !== undefined) return false;
		return this.#refused.reaches(kind, requests) || this.#refusedForNow.reaches(kind, requests);
	}

	#keepFor(request: LeaseRequest): void {
		const kind = this.#scheduler.keptKindOf(request);
		if (this.#keptFor.reaches(kind, request.requests)) return;
		this.#keptFor.add(kind, request.requests);
		this.#scheduler.keep(request, this.#kept);
		this.#keeps = true;
	}
}

/** A grant to somebody else may make a node fit that did not. */
function dependsOnOthers({ affinity, topologySpreadConstraints = [] }: LeaseRequest): boolean {
	const near = affinity?.sessionAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
	return near.length > 0 || topologySpreadConstraints.some(({ whenUnsatisfiable }) => whenUnsatisfiable === "DoNotSchedule");
}

function byPriority<W extends Waiting>(waiting: readonly W[]): W[][] {
	const levels = Map.groupBy(waiting, priorityOf);
	return [...levels].sort(([a], [b]) => b - a).map(([, level]) => level);
}

function priorityOf({ request }: Waiting): number {
	return request.priority ?? 0;
}

function byAge(a: Waiting | undefined, b: Waiting | undefined): number {
	if (!a || !b) return 0;
	return a.since - b.since || (a.request.session < b.request.session ? -1 : 1);
}
