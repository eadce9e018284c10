import type { LeaseRequest } from "../../ports.ts";
import type { NodeChanges } from "./node-changes.ts";
import type { Scheduler } from "./scheduler.ts";
import { byAge, priorityOf, type Waiting } from "./waiting.ts";

/**
 * Those who wait and ask for the same, so that the same nodes refuse them: when one of them fits nowhere, none does. Whoever
 * has room kept for it is a group of its own.
 */
export interface Group<W extends Waiting = Waiting> {
	/** See {@link Scheduler.kindOf}. */
	readonly kind: string;
	readonly namespace: string;
	readonly priority: number;
	/** The oldest first; never empty. */
	readonly waiting: W[];
	/** No node has room for it: nothing changes that until a node is loosened that has. */
	asleep: boolean;
}

/** Only so many nodes are looked at one by one; of more it is simply assumed that there may be room. */
const NODES_LOOKED_AT = 64;
/** A term that is met for the first time may split kinds, and what is found while they are split may do so again. */
const ROUNDS = 4;

/**
 * Everybody who waits, by what they ask for. Thousands who wait ask for a few things, and most of what happens to a pool
 * makes no room for most of them: a pass looks at groups, and only at those for which there may be room (kube-scheduler's
 * queueing hints are the model).
 */
export class Backlog<W extends Waiting = Waiting> {
	readonly #scheduler: Scheduler;
	readonly #groups = new Map<string, Group<W>>();
	readonly #bySession = new Map<string, { waiting: W; key: string }>();
	/** {@link Scheduler.kinds} that groups are made by. */
	#kinds: string;
	/** How many nodes had been loosened when a pass began last. */
	#seen = 0;
	#of: NodeChanges<string> | undefined;

	constructor(scheduler: Scheduler, waiting: Iterable<W> = []) {
		this.#scheduler = scheduler;
		// Before anybody is looked at: what is met for the first time makes other kinds of those who were looked at before.
		this.#kinds = scheduler.kinds;
		for (const each of waiting) this.put(each);
		scheduler.remember(() => Array.from(this.#bySession.values(), ({ waiting: { request } }) => request));
	}

	/** Somebody waits, asks for something else, or has room kept for it from now on or no longer. */
	put(waiting: W): void {
		const { request } = waiting;
		this.delete(request.session);
		const kind = this.#scheduler.kindOf(request);
		const key = this.#keyOf(request, kind);
		const { namespace } = request;
		const group = this.#groups.get(key) ?? { kind, namespace, priority: priorityOf(waiting), waiting: [], asleep: false };
		group.waiting.splice(placeOf(group.waiting, waiting), 0, waiting);
		this.#groups.set(key, group);
		this.#bySession.set(request.session, { waiting, key });
	}

	delete(session: string): void {
		const known = this.#bySession.get(session);
		const group = known && this.#groups.get(known.key);
		if (!known || !group) return;
		this.#bySession.delete(session);
		group.waiting.splice(placeOf(group.waiting, known.waiting), 1);
		if (group.waiting.length === 0) this.#groups.delete(known.key);
	}

	groups(): Iterable<Group<W>> {
		for (let round = 0; round < ROUNDS && this.#kinds !== this.#scheduler.kinds; round++) this.#regroup();
		return this.#groups.values();
	}

	/** The node is gone: whoever was bound to it is not any more. */
	nodeGone(name: string): void {
		for (const group of this.#groups.values()) if (group.waiting[0]?.request.workspaceNode === name) group.asleep = false;
	}

	/**
	 * To be asked as a pass begins: names of the only nodes on which there may be room for those who sleep. Whatever else may
	 * have changed, those are awake who are concerned.
	 *
	 * @param loosened nodes on which something may fit by now that did not, in order
	 */
	opened(loosened: NodeChanges<string>): readonly string[] {
		const names = this.#of === loosened ? loosened.since(this.#seen) : undefined;
		this.#seen = loosened.last;
		this.#of = loosened;
		const opened = names && new Set(names);
		if (opened && opened.size <= NODES_LOOKED_AT) return [...opened];
		for (const group of this.#groups.values()) group.asleep = false;
		return [];
	}

	#regroup(): void {
		this.#kinds = this.#scheduler.kinds;
		const all = Array.from(this.#bySession.values(), ({ waiting }) => waiting);
		this.#bySession.clear();
		this.#groups.clear();
		for (const waiting of all) this.put(waiting);
	}

	#keyOf({ session, requests, preemptionPolicy }: LeaseRequest, kind: string): string {
		const { cpu, memory, ephemeralStorage = 0 } = requests;
		const alone = this.#scheduler.nominated(session) === undefined ? "" : session;
		return `${kind} ${cpu} ${memory} ${ephemeralStorage} ${preemptionPolicy === "Never"} ${alone}`;
	}
}

/** Where it is in the order of age, or would be. */
function placeOf(waiting: readonly Waiting[], one: Waiting): number {
	let [low, high] = [0, waiting.length];
	while (low < high) {
		const middle = (low + high) >> 1;
		const there = waiting[middle];
		if (there && byAge(there, one) < 0) low = middle + 1;
		else high = middle;
	}
	return low;
}
