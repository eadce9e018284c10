import type { Node } from "../../src/resources/node/kind.ts";
import type { AcquireReply, Lease, LeaseRequest, NodeRecord } from "../ports.ts";
import { type Ledger, publicLease, type StoredLease, type StoredNode } from "./ledger.ts";
import { drain } from "./queue.ts";
import { schedule } from "./schedule.ts";

/** A lease that is not renewed lapses after this long, and its capacity with it. */
export const LEASE_MS = 300_000;

export interface DispatcherPorts {
	ledger: Ledger;
	now(): number;
	/** A new lease id. */
	id(): string;
}

/** What a node says of itself when it connects. */
export type NodeJoined = Omit<StoredNode, "ready" | "createdAt" | "transitionAt">;

/** Leases of one pool. Synchronous: each method is one commit. Who must be told of a grant is in {@link untold}. */
export class Dispatcher {
	readonly #ledger: Ledger;
	readonly #now: () => number;
	readonly #id: () => string;

	constructor({ ledger, now, id }: DispatcherPorts) {
		this.#ledger = ledger;
		this.#now = now;
		this.#id = id;
	}

	/** The session's live lease, or a new one, or a place in the queue. */
	acquire(request: LeaseRequest): AcquireReply {
		const now = this.#now();
		const nodes = this.#ledger.records(now);
		const held = this.#ledger.lease(request.session);
		if (held && this.#isLive(held, nodes, now)) {
			this.#ledger.putLease({ ...held, told: true });
			return { state: "granted", lease: publicLease(held) };
		}
		if (held) this.#ledger.deleteLease(request.session);
		if (this.#ledger.queue().length === 0) {
			const placement = schedule(nodes, request);
			if ("node" in placement) return { state: "granted", lease: publicLease(this.#grant(request, placement.node, nodes, now, true)) };
		}
		// Whoever waits already goes first, so a newcomer joins the queue and the queue is drained.
		this.#ledger.enqueue(request, now);
		this.dispatch();
		const lease = this.#ledger.lease(request.session);
		if (lease) {
			this.#ledger.putLease({ ...lease, told: true });
			return { state: "granted", lease: publicLease(lease) };
		}
		const placement = schedule(this.#ledger.records(now), request);
		const message = "message" in placement ? placement.message : "Others that have waited longer go first.";
		return { state: "queued", message };
	}

	/** Longer life for a live lease; `undefined` when it is gone. */
	renew(lease: Lease): Lease | undefined {
		const now = this.#now();
		const held = this.#ledger.lease(lease.session);
		if (held?.id !== lease.id || !this.#isLive(held, this.#ledger.records(now), now)) return undefined;
		const renewed = { ...held, expiresAt: now + LEASE_MS };
		this.#ledger.putLease(renewed);
		return publicLease(renewed);
	}

	/** Gives back a lease and a place in the queue. A session that has another lease by now keeps it. */
	release({ session, lease }: { session: string; lease?: string }): void {
		this.#ledger.dequeue(session);
		const held = this.#ledger.lease(session);
		if (held && (lease === undefined || held.id === lease)) this.#ledger.deleteLease(session);
		this.dispatch();
	}

	nodeJoined(joined: NodeJoined): void {
		const now = this.#now();
		const known = this.#ledger.nodes().find(({ name }) => name === joined.name);
		const transitionAt = known?.ready ? known.transitionAt : now;
		const unschedulable = known?.unschedulable === true && known.uid === joined.uid;
		this.#ledger.putNode({
			...joined,
			ready: true,
			createdAt: known?.createdAt ?? now,
			transitionAt,
			...(unschedulable && { unschedulable }),
		});
		this.dispatch();
	}

	/** The node's connection is gone. Its leases live on: it may be back in a moment. */
	nodeLeft(name: string, incarnation: number): void {
		const known = this.#ledger.nodes().find((node) => node.name === name);
		if (known?.ready && known.incarnation === incarnation) this.#ledger.putNode({ ...known, ready: false, transitionAt: this.#now() });
	}

	/** What people say of a node has changed: whether anything new may come there, and its labels. */
	nodeChanged({ metadata, spec }: Node): void {
		const known = this.#ledger.nodes().find(({ name }) => name === metadata.name);
		if (!known || known.uid !== metadata.uid) return;
		const { unschedulable: _, ...node } = known;
		this.#ledger.putNode({ ...node, labels: metadata.labels ?? {}, ...(spec.unschedulable && { unschedulable: true }) });
		this.dispatch();
	}

	deleteNode(name: string): boolean {
		const known = this.#ledger.nodes().some((node) => node.name === name);
		this.#ledger.deleteNode(name);
		for (const lease of this.#ledger.leases()) if (lease.node === name) this.#ledger.deleteLease(lease.session);
		return known;
	}

	records(): NodeRecord[] {
		return this.#ledger.records(this.#now());
	}

	/** Drops what has lapsed and places who waits. */
	dispatch(): void {
		const now = this.#now();
		for (const lease of this.#ledger.leases()) if (lease.expiresAt <= now) this.#ledger.deleteLease(lease.session);
		const waiting = this.#ledger.queue();
		if (waiting.length === 0) return;
		const nodes = this.#ledger.records(now);
		for (const { request, node } of drain(nodes, waiting, now)) {
			this.#grant(request, node, nodes, now, false);
			this.#ledger.dequeue(request.session);
		}
	}

	/** Leases whose session has not been told yet. */
	untold(): Lease[] {
		return this.#ledger
			.leases()
			.filter(({ told }) => !told)
			.map(publicLease);
	}

	told(lease: Lease): void {
		const held = this.#ledger.lease(lease.session);
		if (held?.id === lease.id) this.#ledger.putLease({ ...held, told: true });
	}

	/** When the next lease lapses. */
	dueAt(): number | undefined {
		const lapses = this.#ledger.leases().map(({ expiresAt }) => expiresAt);
		return lapses.length === 0 ? undefined : Math.min(...lapses);
	}

	#grant(request: LeaseRequest, node: string, nodes: readonly NodeRecord[], now: number, told: boolean): StoredLease {
		const incarnation = nodes.find(({ name }) => name === node)?.incarnation ?? 0;
		const { session } = request;
		const lease = { id: this.#id(), session, node, incarnation, expiresAt: now + LEASE_MS, request, told };
		this.#ledger.putLease(lease);
		return lease;
	}

	#isLive(lease: StoredLease, nodes: readonly NodeRecord[], now: number): boolean {
		return lease.expiresAt > now && nodes.some(({ name, incarnation }) => name === lease.node && incarnation === lease.incarnation);
	}
}
