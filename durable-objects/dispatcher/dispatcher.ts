import type { Node } from "../../src/resources/node/kind.ts";
import type { AcquireReply, Lease, LeaseRequest, NodeRecord } from "../ports.ts";
import { Containers } from "./containers.ts";
import { Evictions } from "./evictions.ts";
import { type Ledger, publicLease, type StoredLease, type Waiting } from "./ledger.ts";
import { NodeEvents } from "./node-events.ts";
import { NodeLifecycle } from "./node-lifecycle.ts";
import { Pool } from "./pool.ts";
import { Preemption } from "./preemption.ts";
import { Pass } from "./scheduler/pass.ts";
import { order } from "./scheduler/queue.ts";
import type { Decision, SchedulerConfig } from "./scheduler/types.ts";
import type { ContainerSettings } from "./settings.ts";

/** A lease that is not renewed lapses after this long, and its capacity with it. */
export const LEASE_MS = 300_000;

/** What a session gives back. */
export interface Release {
	session: string;
	/** Absent: its place in the queue only. */
	lease?: string;
	/** It is deleted. */
	forget?: boolean;
	/** The only node that has its files. */
	bound?: string;
}

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
 * {@link Pool.untold}, {@link Pool.recalls}, {@link Pool.orders} and {@link NodeEvents}.
 */
export class Dispatcher {
	readonly pool: Pool;
	readonly events = new NodeEvents();
	readonly nodes: NodeLifecycle;
	readonly containers: Containers;
	readonly #preemption: Preemption;
	readonly #evictions: Evictions;
	/** Why those who wait are told to wait, by what they ask for: the same is asked thousands of times. */
	readonly #reasons = new Map<string, string>();
	#reasonsOf = -1;
	/** Changes are being made, of which more come. */
	#held = 0;
	/** Something has changed since the queue was looked through. */
	#stale = false;
	readonly #ports: DispatcherPorts;

	constructor(ports: DispatcherPorts) {
		this.#ports = ports;
		this.pool = new Pool(ports.ledger, ports.scheduler);
		this.containers = new Containers({ ...ports, pool: this.pool, events: this.events });
		this.#preemption = new Preemption(this.pool);
		this.#evictions = new Evictions(this.pool);
		const { pool, containers, events } = this;
		this.nodes = new NodeLifecycle({ pool, containers, events, now: ports.now, changed: () => this.dispatch() });
	}

	/** Makes several changes, and looks through the queue once, after the last one. */
	together<T>(changes: () => T): T {
		const result = this.hold(changes);
		this.settle();
		return result;
	}

	/** Makes changes and leaves it to {@link settle} to look through the queue. */
	hold<T>(changes: () => T): T {
		this.#held += 1;
		try {
			return changes();
		} finally {
			this.#held -= 1;
		}
	}

	/** Looks through the queue if that is owed. */
	settle(): void {
		if (this.#stale) this.dispatch();
	}

	/** Something has changed, and the queue was not looked through since: {@link settle} is to be called soon. */
	isStale(): boolean {
		return this.#stale;
	}

	/** The session's live lease, or a new one, or a place in the queue, or a refusal. */
	acquire(request: LeaseRequest): AcquireReply {
		return this.answer(
			request,
			this.together(() => this.ask(request)),
		);
	}

	/** The first half of {@link acquire}. `undefined`: what the answer is turns out when the queue has been looked through. */
	ask(request: LeaseRequest): AcquireReply | undefined {
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
			pool.forget(request.session);
			pool.dequeue(request.session);
			pool.ledger.putDecision(pool.scheduler.explain(request, now));
			return { state: "refused", message: refusal };
		}
		const lapsed = pool.lapse(now) > 0;
		if (lapsed) this.containers.lookForIdle(now);
		if (lapsed) this.#stale = true;
		const waiting = pool.ledger.waiting(request.session);
		// Whoever asks again has changed nothing by that: thousands who do would have the queue looked through for ever.
		if (!lapsed && waiting && JSON.stringify(waiting.request) === JSON.stringify(request)) return undefined;
		if (pool.ledger.queueLength() === 0) {
			const placement = pool.scheduler.schedule(request);
			if ("node" in placement) return { state: "granted", lease: publicLease(this.#grant(request, placement.node, now, true)) };
		}
		// Whoever waits already may go first, so a newcomer joins the queue and the queue is looked through.
		pool.enqueue(request, now);
		this.#stale = true;
		return undefined;
	}

	/** The second half of {@link acquire}. */
	answer(request: LeaseRequest, asked: AcquireReply | undefined): AcquireReply {
		if (asked) return asked;
		const { pool } = this;
		const lease = pool.ledger.lease(request.session);
		if (!lease) {
			const message = this.#whyWaiting(request, this.#ports.now());
			return { state: "queued", message, ...(this.containers.isStarting() && { passing: true }) };
		}
		if (!lease.told) pool.putLease({ ...lease, told: true });
		return { state: "granted", lease: publicLease(lease) };
	}

	/**
	 * Longer life for a live lease; `undefined` when it is gone.
	 *
	 * @param workspaceBound whether the session's files are on its node and nowhere else by now; absent: as it was
	 */
	renew(lease: Lease, { workspaceBound }: { workspaceBound?: boolean } = {}): Lease | undefined {
		const now = this.#ports.now();
		const held = this.pool.ledger.lease(lease.session);
		if (held?.id !== lease.id || !this.pool.isLive(held, now)) return undefined;
		const changed = workspaceBound !== undefined && workspaceBound !== (held.request.workspaceBound ?? false);
		const workspace = { workspaceNode: held.node, workspaceIncarnation: held.incarnation, workspaceBound };
		const request = changed ? { ...held.request, ...workspace } : held.request;
		// A clock that went back ends no lease sooner than its session was told: the answer to this may be lost.
		const renewed = { ...held, request, expiresAt: Math.max(held.expiresAt, now + LEASE_MS) };
		this.pool.putLease(renewed);
		return publicLease(renewed);
	}

	/**
	 * Gives back a lease and a place in the queue. A session that has another lease by now keeps it; one that names none may
	 * have been given one since, and is asked whether it wants that.
	 */
	release({ session, lease, forget, bound }: Release): void {
		const { ledger } = this.pool;
		this.pool.forget(session);
		this.pool.dequeue(session);
		const held = ledger.lease(session);
		// Before its lease goes, so that a container which is to go with its last one stays for the files.
		const isHere = !forget && bound !== undefined && ledger.node(bound) !== undefined && (!held || held.id === lease);
		this.pool.bind(session, isHere ? bound : undefined);
		if (held && (forget || held.id === lease)) this.#drop(held);
		else if (held?.told && lease === undefined) this.pool.putLease({ ...held, told: false });
		if (forget) ledger.deleteDecision(session);
		this.dispatch();
	}

	/** What people say of a node has changed: whether anything new may come there, its labels and its taints. */
	nodeChanged(node: Node): void {
		this.nodes.changed(node);
	}

	/** Drops what has lapsed, places who waits, and orders what the pool needs; later, while changes are held together. */
	dispatch(): void {
		this.#stale = true;
		if (this.#held > 0) return;
		this.#stale = false;
		this.#reasons.clear();
		const now = this.#ports.now();
		const { pool } = this;
		if (pool.lapse(now) > 0) this.containers.lookForIdle(now);
		if (pool.ledger.queueLength() > 0) {
			const pass = new Pass<Waiting>(pool.scheduler, now, pool.backlog.opened(pool.loosened));
			pass.run(pool.backlog.groups());
			// One after the other, so that the account of each decision shows what it was made on.
			for (const { request } of pass.grants) pool.scheduler.unplace(request.session);
			for (const { request, node } of pass.grants) {
				const nominated = pool.ledger.waiting(request.session)?.nominated;
				this.#grant(request, node, now, false);
				pool.dequeue(request.session);
				// Room that was kept for it elsewhere is anybody's.
				if (nominated !== undefined && nominated !== node) pool.loosened.add(nominated);
			}
			this.#preemption.makeRoom(now);
		}
		this.containers.balance(() => order([...pool.ledger.queue()], pool.scheduler), now);
		this.#evictions.run(now);
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
		const due = [this.pool.lapsesFrom(), this.containers.dueAt(), this.#evictions.dueAt()];
		const times = [...due, this.pool.ledger.queueLength() > 0 ? this.#preemption.dueAt() : undefined].filter((time) => time !== undefined);
		return times.length === 0 ? undefined : Math.min(...times);
	}

	#grant(request: LeaseRequest, name: string, now: number, told: boolean): StoredLease {
		const { pool } = this;
		const node = pool.ledger.node(name);
		if (!node) throw new Error(`the scheduler chose the node ${name}, which the ledger does not have`);
		// Before the lease is there, so that the table shows what was decided on.
		pool.ledger.putDecision({ ...this.#explain(request, now), node: name });
		const { session } = request;
		const { incarnation, uid, source } = node;
		const machine = source === "container" ? {} : { machine: uid };
		const expiresAt = now + LEASE_MS;
		const lease = { id: this.#ports.id(), session, node: name, incarnation, ...machine, expiresAt, request, grantedAt: now, told };
		pool.putLease(lease);
		pool.bind(session, undefined);
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
		const note = this.containers.note(now, waiting.since);
		const preemption = this.#preemption.of(request.session);
		return {
			...decision,
			message: note === undefined ? decision.message : `${decision.message} ${note}`,
			...(preemption && { preemption }),
		};
	}

	#whyWaiting(request: LeaseRequest, now: number): string {
		const reason = this.#reason(request);
		const note = this.containers.note(now, this.pool.ledger.waiting(request.session)?.since);
		return note === undefined ? reason : `${reason} ${note}`;
	}

	#reason(request: LeaseRequest): string {
		const { pool } = this;
		if (this.#reasonsOf !== pool.version) this.#reasons.clear();
		this.#reasonsOf = pool.version;
		// Room that is kept for it makes things different for it than for others like it.
		const nominated = pool.ledger.waiting(request.session)?.nominated !== undefined;
		const { cpu, memory, ephemeralStorage = 0 } = request.requests;
		const key = JSON.stringify([pool.scheduler.kindOf(request), request.preemptionPolicy, cpu, memory, ephemeralStorage]);
		const known = nominated ? undefined : this.#reasons.get(key);
		if (known !== undefined) return known;
		const reason = this.#lookWhy(request);
		if (!nominated) this.#reasons.set(key, reason);
		return reason;
	}

	#lookWhy(request: LeaseRequest): string {
		const placement = this.pool.scheduler.schedule(request);
		const refused = "message" in placement ? placement.message : "Others that have waited longer go first.";
		const considered = (request.priority ?? 0) > this.pool.scheduler.lowestPriority() && !this.#preemption.of(request.session);
		return considered ? `${refused} ${this.pool.scheduler.preemptionMessage(request)}` : refused;
	}
}
