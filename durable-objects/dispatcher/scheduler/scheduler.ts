import type { LeaseRequest, ResourceRequest } from "../../ports.ts";
import { CPU_UNIT } from "./amount.ts";
import { type Best, Chooser } from "./choose.ts";
import { explain, sentence } from "./explain.ts";
import { filterFor, type Kept, refusalAt } from "./filter.ts";
import { dependsOnPeers } from "./peer-filter.ts";
import { Placements } from "./placements.ts";
import { emptyState, type PoolState } from "./pool-state.ts";
import { type Preemption, preempt, preemptionSentence } from "./preempt.ts";
import { kindOf, type Query } from "./query.ts";
import { keepFor, largestRoom } from "./room.ts";
import { Shares } from "./shares.ts";
import { FREE } from "./sharing.ts";
import { sizeClass } from "./size-class.ts";
import { tooLarge } from "./too-large.ts";
import type { Decision, Placed, Placement, SchedulerConfig, SchedulerNode } from "./types.ts";

/** A name that no node can have, after all others: of the node that is only imagined. */
const IMAGINED = "\uffff";
const HOSTNAME_LABEL = "kubernetes.io/hostname";

/**
 * Where sessions go: the nodes of a pool and what is placed on them, and decisions as pure functions of that. The same
 * nodes and placements give the same decision, in whatever order they came; ties go to the first name.
 *
 * Requests that are handed in are never changed afterwards: what is worked out about one is kept with the object.
 */
export class Scheduler {
	readonly #config: SchedulerConfig;
	readonly #shares = new Shares();
	#state: PoolState;
	#placements: Placements;
	#waiting: () => Iterable<LeaseRequest> = () => [];
	/** How often what was worked out about requests has been forgotten. */
	#tidied = 0;
	readonly #chooser = new Chooser();

	constructor(config: SchedulerConfig) {
		this.#config = config;
		this.#placements = new Placements(() => this.#state, this.#shares);
		this.#state = emptyState(this.#config, () => this.#placements.all());
	}

	/** A node that is new or has changed. What is placed on it stays while its incarnation is the same. */
	setNode(node: SchedulerNode): void {
		this.#tidy();
		const { table, changes } = this.#state;
		const known = table.numberOf(node.name);
		const old = known === undefined ? undefined : table.nodes[known];
		if (known !== undefined && old && old.incarnation !== node.incarnation) this.#clear(known);
		if (old) this.#shares.node(old, -1);
		this.#shares.node(node, 1);
		if (old) this.#tally(old, -1);
		this.#tally(node, 1);
		const number = table.put(node);
		this.#enter(number, node);
		if (!old || looksDifferent(old, node)) {
			this.#state.peers.put(number, node);
			changes.add(number);
		}
	}

	/** The node is gone, and what was placed on it is placed nowhere. */
	removeNode(name: string): void {
		const { table, peers, nominations, changes } = this.#state;
		const number = table.numberOf(name);
		const node = number === undefined ? undefined : table.nodes[number];
		if (number === undefined || !node) return;
		this.#clear(number);
		nominations.deleteNode(number);
		this.#shares.node(node, -1);
		this.#tally(node, -1);
		table.remove(number);
		peers.put(number, undefined);
		changes.add(number);
	}

	/** The session holds room on the node from now on, and nowhere else. Nothing is placed on a node that does not exist. */
	place({ request, node }: Placed): void {
		const { queries, table, nominations } = this.#state;
		const number = table.numberOf(node);
		const known = this.#placements.get(request.session);
		if (known && known.number === number && known.query.request === request) return;
		if (number === undefined) {
			this.unplace(request.session);
			return;
		}
		nominations.delete(request.session);
		this.#placements.add(queries.of(request), number);
	}

	unplace(session: string): void {
		this.#placements.delete(session);
	}

	/** Where the request would go now. A session that is placed is looked at as if it were not. */
	schedule(request: LeaseRequest): Placement {
		// First of all: what is worked out about a new kind of request counts everybody who is placed.
		const query = this.#state.queries.of(request);
		return this.#asIfUnplaced(query, () => {
			const best = this.#best(query);
			if (!best) return { message: sentence(filterFor(query, this.#state), this.#state) };
			return { node: this.#nameOf(best.number), score: best.total };
		});
	}

	/** Where the request would go now, without the reasons. @param kept nodes that are kept for others, see {@link keep} */
	pick(request: LeaseRequest, kept?: Kept): string | undefined {
		const best = this.#best(this.#state.queries.of(request), kept);
		return best && this.#nameOf(best.number);
	}

	/** Nodes that are kept for somebody: none at first. */
	keeping(): Kept {
		return new Float64Array(this.#state.table.size).fill(Number.NEGATIVE_INFINITY);
	}

	/** Closes every node that the request could use, were it empty, to others of its priority or a lower one. */
	keep(request: LeaseRequest, kept: Kept): void {
		keepFor(this.#state.queries.of(request), this.#state, kept);
	}

	/** The same for requests of which {@link keep} closes the same nodes, apart from how much they ask for. */
	keptKindOf(request: LeaseRequest): string {
		const query = this.#state.queries.of(request);
		const { rules, priority, bound = "", peerRules, identity } = query;
		const peers = dependsOnPeers(query, this.#state) ? `${peerRules.id} ${identity.id}` : "";
		return `${rules.id} ${priority} ${bound} ${this.#state.bound > 0 ? request.namespace : ""} ${peers}`;
	}

	/** Closes a node to everybody. */
	close(name: string, kept: Kept): void {
		const number = this.#state.table.numberOf(name);
		if (number !== undefined) kept[number] = Number.POSITIVE_INFINITY;
	}

	/** The most of each resource that is left on any node, be it ready or not. @param open only on nodes that are not kept from these */
	largestRoom(open?: { kept: Kept; priority: number }): ResourceRequest & { slots: number } {
		return largestRoom(this.#state.table, this.#state.table.inOrder, open);
	}

	/** The filters and scores of every node: the same winner as {@link schedule}. @param at milliseconds since the epoch */
	explain(request: LeaseRequest, at: number): Decision {
		const query = this.#state.queries.review(request);
		return this.#asIfUnplaced(query, () => explain(filterFor(query, this.#state), this.#state, at));
	}

	/**
	 * Why no node will ever do, in a sentence with the numbers; `undefined` when one might.
	 * @param template a node as it could be started
	 */
	tooLarge(request: LeaseRequest, template?: SchedulerNode): string | undefined {
		const nodes = this.#state.table.nodes.filter((node) => node !== undefined);
		return tooLarge(
			request,
			[...nodes, ...(template ? [template] : [])].map(({ capacity }) => capacity),
		);
	}

	/** The request could be placed on a new, empty node like this one, as things are elsewhere. */
	wouldFit(request: LeaseRequest, template: SchedulerNode): boolean {
		const { [HOSTNAME_LABEL]: _, ...labels } = template.labels;
		this.setNode({ ...template, name: IMAGINED, ready: true, labels: { ...labels, [HOSTNAME_LABEL]: IMAGINED } });
		try {
			const number = this.#state.table.numberOf(IMAGINED);
			const filter = filterFor(this.#state.queries.of(request), this.#state);
			return number !== undefined && refusalAt(filter, this.#state, number) === undefined;
		} finally {
			this.removeNode(IMAGINED);
		}
	}

	/**
	 * The node where room is made for the request at the least loss, and who would have to go; `undefined` when nothing of
	 * lower priority is in the way or its preemptionPolicy is Never.
	 * @param mayBeAsked whether a session may be a victim
	 * @param only names of the only nodes to look at; absent: all
	 */
	preempt(request: LeaseRequest, mayBeAsked: (session: string) => boolean = () => true, only?: readonly string[]): Preemption | undefined {
		const { table, queries } = this.#state;
		const numbers = only
			?.flatMap((name) => table.numberOf(name) ?? [])
			.sort((a, b) => (table.rank[a] as number) - (table.rank[b] as number));
		return preempt(queries.of(request), this.#state, this.#placements, mayBeAsked, numbers);
	}

	/** What fits depends on who is placed elsewhere. */
	dependsOnPeers(request: LeaseRequest): boolean {
		return dependsOnPeers(this.#state.queries.of(request), this.#state);
	}

	/** `preemption: 0/5 nodes are available: 5 No preemption victims found for incoming pod.`, to be added to a refusal. */
	preemptionMessage(request: LeaseRequest): string {
		return preemptionSentence(this.#state.queries.of(request), this.#state, this.#placements);
	}

	/** Keeps room on the node for the request, against those of the same or a lower priority, until it is placed or forgotten. */
	nominate(request: LeaseRequest, node: string): void {
		const number = this.#state.table.numberOf(node);
		if (number !== undefined) this.#state.nominations.add(this.#state.queries.of(request), number);
	}

	/** Ends a nomination. */
	forget(session: string): void {
		this.#tidy();
		this.#state.nominations.delete(session);
	}

	/** Node on which room is kept for the session. */
	nominated(session: string): string | undefined {
		const number = this.#state.nominations.numberOf(session);
		return number === undefined ? undefined : this.#nameOf(number);
	}

	/** What sessions hold on the node; nothing for a node that does not exist. */
	allocated(node: string): { cpu: number; memory: number; ephemeralStorage: number; slots: number } {
		const { table } = this.#state;
		const number = table.numberOf(node);
		if (number === undefined) return { cpu: 0, memory: 0, ephemeralStorage: 0, slots: 0 };
		return {
			cpu: (table.cpuUsed[number] as number) / CPU_UNIT,
			memory: table.memoryUsed[number] as number,
			ephemeralStorage: table.storageUsed[number] as number,
			slots: table.slotsUsed[number] as number,
		};
	}

	/** The largest share of any resource of the whole pool that the namespace's sessions hold, from 0 to 1. */
	dominantShare(namespace: string): number {
		return this.#shares.dominant(namespace);
	}

	node(name: string): SchedulerNode | undefined {
		const number = this.#state.table.numberOf(name);
		return number === undefined ? undefined : this.#state.table.nodes[number];
	}

	/** Names of all nodes, sorted. */
	nodeNames(): string[] {
		return this.#state.table.inOrder.map((number) => this.#nameOf(number));
	}

	/** What is placed on a node. */
	placedOn(name: string): LeaseRequest[] {
		const number = this.#state.table.numberOf(name);
		return number === undefined ? [] : Array.from(this.#placements.on(number), ({ query }) => query.request);
	}

	/** The lowest priority that anybody has who is placed; Infinity when nobody is. */
	lowestPriority(): number {
		return this.#placements.lowestPriority();
	}

	/** The same for requests that the same nodes refuse, apart from how much they ask for; see {@link kinds}. */
	kindOf(request: LeaseRequest): string {
		return kindOf(this.#state.queries.of(request));
	}

	/** Another one whenever {@link kindOf} may answer differently for the same request. */
	get kinds(): string {
		return `${this.#tidied} ${this.#state.peers.generation}`;
	}

	/** @param waiting those that will be asked about again: what was worked out about them is not forgotten */
	remember(waiting: () => Iterable<LeaseRequest>): void {
		this.#waiting = waiting;
	}

	/** What is left on the node, be it ready or not; nothing on one that does not exist. */
	roomOn(node: string): ResourceRequest & { slots: number } {
		const number = this.#state.table.numberOf(node);
		return largestRoom(this.#state.table, number === undefined ? [] : [number]);
	}

	/** How large the request is for an average node of the pool, see {@link sizeClass}. */
	sizeClass(request: LeaseRequest): number {
		return sizeClass(request, this.#shares.averageOf(this.#state.table.count));
	}

	#best(query: Query, kept?: Kept): Best | undefined {
		return this.#chooser.choose(filterFor(query, this.#state, kept), this.#state);
	}

	/** Looks at the pool as if the session were not placed. */
	#asIfUnplaced<T>({ request: { session } }: Query, look: () => T): T {
		const placement = this.#placements.get(session);
		if (!placement) return look();
		this.#placements.count(placement, -1);
		try {
			return look();
		} finally {
			this.#placements.count(placement, 1);
		}
	}

	/** @param times 1: the node is there, -1: it is not as it was */
	#tally({ taints, boundNamespace }: SchedulerNode, times: 1 | -1): void {
		if (taints.some(({ effect }) => effect === "PreferNoSchedule")) this.#state.softTainted += times;
		if (boundNamespace !== undefined) this.#state.bound += times;
	}

	#enter(number: number, node: SchedulerNode): void {
		const { sharing, queries, fit, table } = this.#state;
		sharing.put(number, node, node.boundNamespace === undefined ? FREE : queries.namespace(node.boundNamespace));
		fit.put(number, table);
	}

	#clear(number: number): void {
		for (const { query } of [...this.#placements.on(number)]) this.#placements.delete(query.request.session);
	}

	#nameOf(number: number): string {
		return this.#state.table.nodes[number]?.name ?? "";
	}

	/**
	 * Forgets what was worked out about kinds of requests of which there are no more, once that is a lot. Nodes get other
	 * numbers by it: never while somebody holds what {@link keeping} returned.
	 */
	#tidy(): void {
		if (!this.#state.queries.isFull) return;
		this.#tidied += 1;
		const nodes = this.#state.table.nodes.filter((node) => node !== undefined);
		const placed = [...this.#placements.all()].sort((a, b) => a.order - b.order);
		const old = placed.map(({ query, number }) => ({ request: query.request, node: this.#nameOf(number) }));
		const nominated = Array.from(this.#state.nominations.all(), ({ query, number }) => ({
			request: query.request,
			node: this.#nameOf(number),
		}));
		for (const { request } of old) this.#placements.delete(request.session);
		for (const node of nodes) this.#shares.node(node, -1);
		this.#placements = new Placements(() => this.#state, this.#shares);
		this.#state = emptyState(this.#config, () => this.#placements.all());
		for (const node of nodes) this.setNode(node);
		for (const { request, node } of old) this.#placements.add(this.#state.queries.of(request), this.#state.table.numberOf(node) ?? 0);
		for (const { request, node } of nominated) this.nominate(request, node);
		for (const request of this.#waiting()) this.#state.queries.of(request);
		this.#state.queries.begin();
	}
}

/** To the filters that look at nodes alone. */
function looksDifferent(one: SchedulerNode, other: SchedulerNode): boolean {
	return (
		one.ready !== other.ready ||
		one.unschedulable !== other.unschedulable ||
		JSON.stringify([one.labels, one.taints]) !== JSON.stringify([other.labels, other.taints])
	);
}
