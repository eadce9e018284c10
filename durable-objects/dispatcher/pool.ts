import type { Lease, LeaseRequest, NodeRecord } from "../ports.ts";
import { isolationOfContainer } from "./isolation.ts";
import { type Ledger, publicLease, type StoredLease, type StoredNode, type Waiting } from "./ledger.ts";
import { Backlog } from "./scheduler/backlog.ts";
import { NodeChanges } from "./scheduler/node-changes.ts";
import { Scheduler } from "./scheduler/scheduler.ts";
import type { SchedulerConfig, SchedulerNode } from "./scheduler/types.ts";

/** Nodes, leases and the queue as they are stored and as the scheduler has them: whatever changes the one changes the other. */
export class Pool {
	readonly ledger: Ledger;
	readonly #config: SchedulerConfig;
	readonly #onNode = new Map<string, Set<string>>();
	/** Sessions with a lease that they have not been told of. */
	readonly #untold = new Set<string>();
	/** Sessions with a lease that is wanted back and that have not been told so. */
	readonly #recalls = new Set<string>();
	/** Nodes whose objects must be told something. */
	readonly #orders = new Set<string>();
	/** Nodes that were put or deleted since they were last asked for. */
	readonly #touched = new Set<string>();
	/** Nodes with a taint NoExecute. */
	readonly #evicting = new Set<string>();
	/** Nodes that klaw starts and stops by itself. */
	readonly #containers = new Set<string>();
	/** Nodes on which something may fit by now that did not, in order. */
	loosened = new NodeChanges<string>();
	/** Sessions without a lease whose files are on a node and nowhere else, by that node. */
	readonly #files = new Map<string, Set<string>>();
	/** Another one after each change of a node, and whenever a lease comes or goes. */
	version = 0;
	/** No lease lapses before this. */
	#lapsesFrom = Number.POSITIVE_INFINITY;
	scheduler: Scheduler;
	/** Those of the queue, by what they ask for. */
	backlog: Backlog<Waiting>;

	constructor(ledger: Ledger, config: SchedulerConfig) {
		this.ledger = ledger;
		this.#config = config;
		this.scheduler = new Scheduler(config);
		this.backlog = new Backlog(this.scheduler);
		this.#fill();
	}

	/** Reads everything anew, after a transaction that failed. */
	reload(): void {
		this.ledger.load();
		for (const kept of [this.#onNode, this.#untold, this.#recalls, this.#orders, this.#evicting, this.#containers, this.#files])
			kept.clear();
		this.loosened = new NodeChanges();
		this.#lapsesFrom = Number.POSITIVE_INFINITY;
		this.scheduler = new Scheduler(this.#config);
		this.backlog = new Backlog(this.scheduler);
		this.#fill();
	}

	#fill(): void {
		for (const node of this.ledger.nodes()) this.#nodeIsThere(node);
		for (const lease of this.ledger.leases()) this.#leaseIsThere(lease);
		for (const [session, node] of this.ledger.bound()) this.#files.set(node, (this.#files.get(node) ?? new Set()).add(session));
		for (const waiting of this.ledger.queue()) {
			if (waiting.nominated !== undefined) this.scheduler.nominate(waiting.request, waiting.nominated);
			this.backlog.put(waiting);
		}
	}

	putNode(node: StoredNode): void {
		this.ledger.putNode(node);
		this.#nodeIsThere(node);
	}

	/** Sessions without a lease whose files are on this node and nowhere else. */
	filesOn(name: string): string[] {
		return [...(this.#files.get(name) ?? [])];
	}

	/** The node and its leases. Returns the leases. */
	deleteNode(name: string): Lease[] {
		const gone = this.revokeAll(name);
		for (const session of this.filesOn(name)) this.bind(session, undefined);
		this.ledger.deleteNode(name);
		this.version += 1;
		this.#touched.add(name);
		this.#orders.delete(name);
		this.#evicting.delete(name);
		this.#containers.delete(name);
		this.scheduler.removeNode(name);
		this.backlog.nodeGone(name);
		return gone;
	}

	/** The files of a session without a lease are on this node and nowhere else; absent: they are not. */
	bind(session: string, node: string | undefined): void {
		const before = this.ledger.boundTo(session);
		if (before !== undefined) this.#files.get(before)?.delete(session);
		this.ledger.bind(session, node);
		if (node !== undefined) this.#files.set(node, (this.#files.get(node) ?? new Set()).add(session));
	}

	/** Files are there that are nowhere else, of sessions without a lease. */
	holdsFiles(name: string): boolean {
		return this.filesOn(name).length > 0;
	}

	putLease(lease: StoredLease): void {
		const old = this.ledger.lease(lease.session);
		if (old && old.node !== lease.node) this.deleteLease(lease.session);
		this.ledger.putLease(lease);
		this.#leaseIsThere(lease);
	}

	deleteLease(session: string): void {
		const lease = this.ledger.lease(session);
		if (!lease) return;
		this.ledger.deleteLease(session);
		this.scheduler.unplace(session);
		this.version += 1;
		this.loosened.add(lease.node);
		this.#untold.delete(session);
		this.#recalls.delete(session);
		this.#onNode.get(lease.node)?.delete(session);
		// An idle pool is not woken for leases that were given back.
		if (this.ledger.leaseCount() === 0) this.#lapsesFrom = Number.POSITIVE_INFINITY;
	}

	/** A session that waits already keeps its place. */
	enqueue(request: LeaseRequest, now: number): void {
		this.ledger.enqueue(request, now);
		this.#waits(request.session);
	}

	dequeue(session: string): void {
		this.ledger.dequeue(session);
		this.backlog.delete(session);
	}

	/** Keeps room on a node for a session that waits. */
	nominate(request: LeaseRequest, node: string): void {
		this.#unkeep(request.session);
		this.scheduler.nominate(request, node);
		this.ledger.nominate(request.session, node);
		this.#waits(request.session);
	}

	/** Room is kept for the session no longer. */
	forget(session: string): void {
		this.#unkeep(session);
		this.ledger.nominate(session, undefined);
		this.#waits(session);
	}

	#unkeep(session: string): void {
		const node = this.scheduler.nominated(session);
		this.scheduler.forget(session);
		if (node !== undefined) this.loosened.add(node);
	}

	#waits(session: string): void {
		const waiting = this.ledger.waiting(session);
		if (waiting) this.backlog.put(waiting);
	}

	/** Voids every lease on a node. Returns them. */
	revokeAll(name: string): Lease[] {
		const gone = this.leasesOn(name).map(publicLease);
		for (const { session } of gone) this.deleteLease(session);
		return gone;
	}

	/** Deletes the leases that nobody renewed. Returns how many. */
	lapse(now: number): number {
		if (now < this.#lapsesFrom) return 0;
		const before = [...this.ledger.leases()];
		const lapsed = before.filter(({ expiresAt }) => expiresAt <= now);
		for (const { session, node, request } of lapsed) {
			this.deleteLease(session);
			if (request.workspaceBound) this.bind(session, node);
		}
		this.#lapsesFrom = Math.min(Number.POSITIVE_INFINITY, ...[...this.ledger.leases()].map(({ expiresAt }) => expiresAt));
		return lapsed.length;
	}

	/** When the next lease may lapse. */
	lapsesFrom(): number | undefined {
		return Number.isFinite(this.#lapsesFrom) ? this.#lapsesFrom : undefined;
	}

	leasesOn(name: string): StoredLease[] {
		const sessions = this.#onNode.get(name) ?? [];
		return [...sessions].flatMap((session) => this.ledger.lease(session) ?? []);
	}

	hasLeases(name: string): boolean {
		return (this.#onNode.get(name)?.size ?? 0) > 0;
	}

	isLive(lease: StoredLease, now: number): boolean {
		return lease.expiresAt > now && this.ledger.node(lease.node)?.incarnation === lease.incarnation;
	}

	untold(): StoredLease[] {
		return [...this.#untold].flatMap((session) => this.ledger.lease(session) ?? []);
	}

	recalls(): StoredLease[] {
		return [...this.#recalls].flatMap((session) => this.ledger.lease(session) ?? []);
	}

	orders(): StoredNode[] {
		return [...this.#orders].flatMap((name) => this.ledger.node(name) ?? []);
	}

	/** Nodes that were put or deleted since this was last asked. */
	takeTouched(): string[] {
		const touched = [...this.#touched];
		this.#touched.clear();
		return touched;
	}

	hasTouched(): boolean {
		return this.#touched.size > 0;
	}

	/** Nodes with a taint NoExecute. */
	evicting(): StoredNode[] {
		return [...this.#evicting].flatMap((name) => this.ledger.node(name) ?? []);
	}

	/** Nodes that klaw starts and stops by itself. */
	containers(): StoredNode[] {
		return [...this.#containers].flatMap((name) => this.ledger.node(name) ?? []);
	}

	records(): NodeRecord[] {
		return [...this.ledger.nodes()].map((node) => this.record(node));
	}

	record({ order: _, orderedAt: __, taintedAt: ___, retiring, ...node }: StoredNode): NodeRecord {
		const allocated = this.scheduler.allocated(node.name);
		const leases = this.leasesOn(node.name).map(publicLease);
		return { ...node, ...(retiring && { unschedulable: true }), leases, allocated };
	}

	#nodeIsThere(node: StoredNode): void {
		if (node.order) this.#orders.add(node.name);
		else this.#orders.delete(node.name);
		if (node.taints?.some(({ effect }) => effect === "NoExecute")) this.#evicting.add(node.name);
		else this.#evicting.delete(node.name);
		if (node.source === "container") this.#containers.add(node.name);
		else this.#containers.delete(node.name);
		this.version += 1;
		this.#touched.add(node.name);
		const seen = schedulerNode(node);
		if (JSON.stringify(this.scheduler.node(node.name)) !== JSON.stringify(seen)) this.loosened.add(node.name);
		this.scheduler.setNode(seen);
	}

	#leaseIsThere(lease: StoredLease): void {
		const { session, node, request, told, recall, expiresAt } = lease;
		const sessions = this.#onNode.get(node) ?? new Set();
		if (!sessions.has(session)) this.version += 1;
		this.#onNode.set(node, sessions.add(session));
		this.#lapsesFrom = Math.min(this.#lapsesFrom, expiresAt);
		if (told) this.#untold.delete(session);
		else this.#untold.add(session);
		if (recall && !recall.told) this.#recalls.add(session);
		else this.#recalls.delete(session);
		this.scheduler.place({ request, node });
	}
}

/** What the scheduler looks at of a node. */
export function schedulerNode(node: StoredNode): SchedulerNode {
	const bound = isolationOfContainer(node);
	return {
		name: node.name,
		incarnation: node.incarnation,
		ready: node.ready,
		unschedulable: node.unschedulable === true || node.retiring === true || node.order?.kind === "stop",
		capacity: node.capacity,
		labels: node.labels,
		taints: node.taints ?? [],
		...(bound !== undefined && { boundNamespace: bound }),
	};
}
