import { add } from "./peers.ts";
import type { PoolState } from "./pool-state.ts";
import type { Query } from "./query.ts";
import type { Shares } from "./shares.ts";

/** A session that holds room on a node. */
export interface Placement {
	query: Query;
	number: number;
	/** Order in which they came. */
	order: number;
}

/** Who is on which node, and everything that is counted by it. */
export class Placements {
	readonly #bySession = new Map<string, Placement>();
	readonly #byNode: Map<string, Placement>[] = [];
	/** Sessions of each priority. */
	readonly #priorities = new Map<number, number>();
	readonly #state: () => PoolState;
	readonly #shares: Shares;
	#order = 0;

	constructor(state: () => PoolState, shares: Shares) {
		this.#state = state;
		this.#shares = shares;
	}

	get size(): number {
		return this.#bySession.size;
	}

	all(): Iterable<Placement> {
		return this.#bySession.values();
	}

	get(session: string): Placement | undefined {
		return this.#bySession.get(session);
	}

	on(number: number): Iterable<Placement> {
		return this.#byNode[number]?.values() ?? [];
	}

	/** The lowest priority that anybody has who is placed. */
	lowestPriority(): number {
		return Math.min(...this.#priorities.keys());
	}

	add(query: Query, number: number): void {
		const { session, namespace } = query.request;
		this.delete(session);
		const placement: Placement = { query, number, order: ++this.#order };
		this.#bySession.set(session, placement);
		const there = this.#byNode[number] ?? new Map();
		this.#byNode[number] = there.set(session, placement);
		add(this.#priorities, query.priority, 1);
		this.#shares.use(namespace, query.amount, 1);
		this.count(placement, 1);
	}

	delete(session: string): Placement | undefined {
		const placement = this.#bySession.get(session);
		if (!placement) return undefined;
		const { query, number } = placement;
		this.#bySession.delete(session);
		this.#byNode[number]?.delete(session);
		add(this.#priorities, query.priority, -1);
		this.#shares.use(query.request.namespace, query.amount, -1);
		this.count(placement, -1);
		return placement;
	}

	/** Counts what a session takes, or as if it had gone while it is looked how things would be without it. */
	count({ query, number }: Placement, times: 1 | -1): void {
		const { table, sharing, peers, fit } = this.#state();
		table.use(number, query.amount, times);
		sharing.use(number, query.namespace, query.strictness, times);
		peers.count(query.identity, number, times);
		for (const { claim, weight } of query.peerRules.claims) add(claim.byNode, number, times * weight);
		fit.use(number, table);
	}
}
