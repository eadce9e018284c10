import type { Node } from "../../src/resources/node/kind.ts";
import type { AcquireReply, Lease, LeaseRequest, NodeRecord } from "../ports.ts";
import { Containers } from "./containers.ts";
import { type Ledger, publicLease, type StoredLease } from "./ledger.ts";
import { NodeLifecycle } from "./node-lifecycle.ts";
import { Pool } from "./pool.ts";
import { Preemption } from "./preemption.ts";
import { drain, order } from "./scheduler/queue.ts";
import type { Decision, SchedulerConfig } from "./scheduler/types.ts";
import type { ContainerSettings } from "./settings.ts";

/** A lease that is not renewed lapses after this long, and its capacity with it. */
export const LEASE_MS = 300_000;

export interface DispatcherPorts {
	ledger: Ledger;
	scheduler: SchedulerConfig;
	/** Absent: no container may be started. */
	containers?: ContainerSettings;
	/** What is wrong with the settings of containers, as a sentence for those who wait. */
	problem?: string;
	now(): number;
	/** A new lease id. */
	id(): string;
	/** Five characters for the name of a new container, as Kubernetes makes them for pods. */
	suffix(): string;
}

/**
 * Leases of one pool. Synchronous: each method is one commit, and the shell tells whoever is to be told afterwards: see
 * {@link Pool.untold}, {@link Pool.recalls} and {@link Pool.orders}.
 */
export class Dispatcher {
	readonly pool: Pool;
	readonly nodes: NodeLifecycle;
	readonly containers: Containers;
	readonly #preemption: Preemption;
	readonly #ports: DispatcherPorts;

	constructor(ports: DispatcherPorts) {
		this.#ports = ports;
		this.pool = new Pool(ports.ledger, ports.scheduler);
		this.containers = new Containers({ ...ports, pool: this.pool });
		this.#preemption = new Preemption(this.pool);
		this.nodes = new NodeLifecycle({ pool: this.pool, containers: this.containers, now: ports.now, changed: () => this.dispatch() });
	}

	/** The session's live lease, or a new one, or a place in the queue, or a refusal. */
	acquire(request: LeaseRequest): AcquireReply {
		const now = this.#ports.now();
		const { pool } = this;
		const held = pool.ledger.lease(request.session);
		if (held && pool.isLive(held, now)) {
			if (!held.told) pool.putLease({ ...held, told: true });
			return { state: "granted", lease: publicLease(held) };
		}
		if (held) this.#drop(held);
		const refusal = pool.scheduler.tooLarge(request, this.containers.template());
		if (refusal !== undefined) {
			pool.ledger.dequeue(request.session);
			pool.scheduler.forget(request.session);
			pool.ledger.putDecision(pool.scheduler.explain(request, now));
			return { state: "refused", message: refusal };
		}
		const lapsed = pool.lapse(now) > 0;
		if (lapsed) this.containers.lookForIdle(now);
		const waiting = pool.ledger.waiting(request.session);
		// Whoever asks again has changed nothing by that: thousands who do would have the queue looked through for ever.
		if (!lapsed && waiting && JSON.stringify(waiting.request) === JSON.stringify(request))
			return { state: "queued", message: this.#whyWaiting(request, now) };
		if (pool.ledger.queueLength() === 0) {
			const placement = pool.scheduler.schedule(request);
			if ("node" in placement) return { state: "granted", lease: publicLease(this.#grant(request, placement.node, now, true)) };
		}
		// Whoever waits already may go first, so a newcomer joins the queue and the queue is looked through.
		pool.ledger.enqueue(request, now);
		this.dispatch();
		const lease = pool.ledger.lease(request.session);
		if (!lease) return { state: "queued", message: this.#whyWaiting(request, now) };
		pool.putLease({ ...lease, told: true });
		return { state: "granted", lease: publicLease(lease) };
	}

	/** Longer life for a live lease; `undefined` when it is gone. */
	renew(lease: Lease): Lease | undefined {
		const now = this.#ports.now();
		const held = this.pool.ledger.lease(lease.session);
		if (held?.id !== lease.id || !this.pool.isLive(held, now)) return undefined;
		const renewed = { ...held, expiresAt: now + LEASE_MS };
		this.pool.putLease(renewed);
		return publicLease(renewed);
	}

	/** Gives back a lease and a place in the queue. A session that has another lease by now keeps it. */
	release({ session, lease, forget }: { session: string; lease?: string; forget?: boolean }): void {
		const { ledger, scheduler } = this.pool;
		ledger.dequeue(session);
		scheduler.forget(session);
		const held = ledger.lease(session);
		if (held && (lease === undefined || held.id === lease)) this.#drop(held);
		if (forget) ledger.deleteDecision(session);
		this.dispatch();
	}

	/** What people say of a node has changed: whether anything new may come there, its labels and its taints. */
	nodeChanged(node: Node): void {
		this.nodes.changed(node);
	}

	/** Drops what has lapsed, places who waits, and orders what the pool needs. */
	dispatch(): void {
		const now = this.#ports.now();
		const { pool } = this;
		if (pool.lapse(now) > 0) this.containers.lookForIdle(now);
		if (pool.ledger.queueLength() > 0) {
			const waiting = [...pool.ledger.queue()];
			const { grants, blocked } = drain(pool.scheduler, waiting, now);
			// One after the other, so that the account of each decision shows what it was made on.
			for (const { request } of grants) pool.scheduler.unplace(request.session);
			for (const { request, node } of grants) {
				this.#grant(request, node, now, false);
				pool.ledger.dequeue(request.session);
				pool.scheduler.forget(request.session);
			}
			this.#preemption.makeRoom(blocked, now);
		}
		this.containers.balance(
			order([...pool.ledger.queue()], (namespace) => pool.scheduler.dominantShare(namespace)),
			now,
		);
	}

	/** No container could be started under this name. */
	containerFailed(name: string, failure: { message: string; final: boolean }): void {
		this.containers.failed(name, failure, this.#ports.now());
		if (this.pool.ledger.node(name)?.ready === false) this.nodes.remove(name);
	}

	/** What is due by time alone. */
	tick(): void {
		this.dispatch();
		this.containers.tick(this.#ports.now());
	}

	/** The last decision about a session, as it was made. */
	decision(session: string): Decision | undefined {
		const waiting = this.pool.ledger.waiting(session);
		// Whoever waits wants to know why it waits now.
		return waiting ? this.#explain(waiting.request, this.#ports.now()) : this.pool.ledger.decision(session);
	}

	/** What would be decided about a request now. Changes nothing. */
	whatIf(request: LeaseRequest): Decision {
		return this.#explain(request, this.#ports.now());
	}

	told(lease: Lease): void {
		const held = this.pool.ledger.lease(lease.session);
		if (held?.id === lease.id && !held.told) this.pool.putLease({ ...held, told: true });
	}

	/** The session knows that the lease is wanted back. */
	recallTold(lease: Lease): void {
		const held = this.pool.ledger.lease(lease.session);
		if (held?.id === lease.id && held.recall && !held.recall.told) this.pool.putLease({ ...held, recall: { ...held.recall, told: true } });
	}

	records(): NodeRecord[] {
		return this.pool.records();
	}

	/** When there is something to do again by time alone. */
	dueAt(): number | undefined {
		const times = [this.pool.lapsesFrom(), this.containers.dueAt()].filter((time) => time !== undefined);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	#grant(request: LeaseRequest, name: string, now: number, told: boolean): StoredLease {
		const { pool } = this;
		const node = pool.ledger.node(name);
		if (!node) throw new Error(`the scheduler chose the node ${name}, which the ledger does not have`);
		// Before the lease is there, so that the table shows what was decided on.
		pool.ledger.putDecision({ ...this.#explain(request, now), node: name });
		const { session } = request;
		const lease = { id: this.#ports.id(), session, node: name, incarnation: node.incarnation, expiresAt: now + LEASE_MS, request, told };
		pool.putLease(lease);
		this.containers.taken(node, request.namespace);
		return lease;
	}

	#drop(held: StoredLease): void {
		this.pool.deleteLease(held.session);
		this.containers.givenBack(held.node, this.#ports.now());
	}

	#explain(request: LeaseRequest, now: number): Decision {
		const decision = this.pool.scheduler.explain(request, now);
		const waiting = this.pool.ledger.waiting(request.session);
		if (decision.node !== undefined || !waiting) return decision;
		const note = this.containers.note(now);
		const preemption = this.#preemption.of(request.session);
		return {
			...decision,
			message: note === undefined ? decision.message : `${decision.message} ${note}`,
			...(preemption && { preemption }),
		};
	}

	#whyWaiting(request: LeaseRequest, now: number): string {
		const placement = this.pool.scheduler.schedule(request);
		const refused = "message" in placement ? placement.message : "Others that have waited longer go first.";
		const considered = (request.priority ?? 0) > this.pool.scheduler.lowestPriority() && !this.#preemption.of(request.session);
		const message = considered ? `${refused} ${this.pool.scheduler.preemptionMessage(request)}` : refused;
		const note = this.containers.note(now);
		return note === undefined ? message : `${message} ${note}`;
	}
}
