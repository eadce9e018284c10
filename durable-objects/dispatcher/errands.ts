import type { ContainerOrder, Lease } from "../ports.ts";
import type { Eviction, Recall } from "../session/recall.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { publicLease, type StoredLease, type StoredNode } from "./ledger.ts";

interface SessionStub {
	leaseGranted(lease: Lease): Promise<boolean>;
	leaseRevoked(): Promise<void>;
	nodeGone(node: string): Promise<void>;
	leaseRecalled(recall: Recall): Promise<Eviction>;
}

interface NodeStub {
	startContainer(order: ContainerOrder): Promise<void>;
	stopContainer(name: string): Promise<void>;
}

export interface ErrandsPorts {
	dispatcher: Dispatcher;
	/** One change of the dispatcher, written when this is through. */
	commit<T>(change: () => T): T | Promise<T>;
	session(lease: Pick<Lease, "session">): SessionStub;
	node(name: string): NodeStub;
	log(message: string, error: unknown): void;
}

/**
 * What the dispatcher must tell others: sessions of leases that are granted, wanted back or void, and nodes' objects of
 * containers to start and to stop. What is owed is in the ledger, so it is told again until it was heard; only a lease that
 * is void and a node that is gone with files are told once, since their sessions find out by themselves, the first when it asks
 * its node, the second when it is placed again.
 */
export class Errands {
	readonly #ports: ErrandsPorts;
	/** Under way: the same is not told twice at a time. */
	readonly #running = new Set<string>();

	constructor(ports: ErrandsPorts) {
		this.#ports = ports;
	}

	/** Something is owed to somebody. */
	pending(): boolean {
		const { pool, nodes } = this.#ports.dispatcher;
		return nodes.hasVictims() || pool.untold().length > 0 || pool.recalls().length > 0 || pool.orders().length > 0;
	}

	/** Tells whom it can. Never rejects. */
	async run(): Promise<void> {
		const { dispatcher } = this.#ports;
		const { pool } = dispatcher;
		await Promise.all([
			...dispatcher.nodes
				.takeBereft()
				.map((lost) => this.#once(`lost ${lost.session}`, () => this.#ports.session(lost).nodeGone(lost.node))),
			...dispatcher.nodes.takeRevoked().map((lease) => this.#once(`revoked ${lease.id}`, () => this.#ports.session(lease).leaseRevoked())),
			...pool.untold().map((lease) => this.#once(`granted ${lease.id}`, () => this.#granted(lease))),
			...pool.recalls().map((lease) => this.#once(`recalled ${lease.id}`, () => this.#recalled(lease))),
			...pool.orders().map((node) => this.#once(`order ${node.name}`, () => this.#order(node))),
		]);
	}

	async #granted(stored: StoredLease): Promise<void> {
		const { dispatcher, session, commit } = this.#ports;
		const lease = publicLease(stored);
		const wanted = await session(lease).leaseGranted(lease);
		if (wanted) await commit(() => dispatcher.told(lease));
		else {
			const bound = stored.request.workspaceBound ? { bound: stored.node } : {};
			await commit(() => dispatcher.release({ session: lease.session, lease: lease.id, ...bound }));
		}
	}

	async #recalled(stored: StoredLease): Promise<void> {
		const { dispatcher, session, commit } = this.#ports;
		if (!stored.recall) return;
		const { reason, cause } = stored.recall;
		// An older klaw wrote down here for whom: that is nothing that another namespace should learn.
		const by = cause === "Preempted" ? "system:dispatcher" : stored.recall.by;
		const outcome = await session(stored).leaseRecalled({ lease: stored.id, by, reason, cause });
		// A session that does not have the lease has given it back, and that is on its way; or it is yet to hear of the lease, and
		// would keep it if it were not asked again.
		if (outcome === "recalled") await commit(() => dispatcher.recallTold(publicLease(stored)));
	}

	async #order({ name, order }: StoredNode): Promise<void> {
		const { dispatcher, node, commit } = this.#ports;
		if (!order) return;
		if (order.kind === "start") await node(name).startContainer(order.container);
		else await node(name).stopContainer(name);
		await commit(() => dispatcher.containers.ordered(name, order.kind));
	}

	async #once(what: string, tell: () => Promise<unknown>): Promise<void> {
		if (this.#running.has(what)) return;
		this.#running.add(what);
		try {
			await tell();
		} catch (error) {
			this.#ports.log(`the dispatcher could not deliver "${what}", will try again`, error);
		} finally {
			this.#running.delete(what);
		}
	}
}
