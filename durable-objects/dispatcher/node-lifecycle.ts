import { canonicalJson } from "../../src/resources/digest.ts";
import type { Node } from "../../src/resources/node/kind.ts";
import { isLifecycleTaint } from "../../src/resources/node/taints.ts";
import { type Lease, NODE_LOST_MS, type NodeJoined } from "../ports.ts";
import type { Containers } from "./containers.ts";
import { taintedAt } from "./evictions.ts";
import type { StoredNode } from "./ledger.ts";
import type { NodeEvents } from "./node-events.ts";
import type { Pool } from "./pool.ts";

export interface NodeLifecyclePorts {
	pool: Pool;
	containers: Containers;
	events: NodeEvents;
	now(): number;
	/** Somebody who waits may have a place now, or needs another. */
	changed(): void;
}

/** Nodes come, fall silent, come back as themselves or as another machine, and go. */
export class NodeLifecycle {
	readonly #ports: NodeLifecyclePorts;
	/** Leases that were taken away since they were last asked for: their sessions are told. */
	#revoked: Lease[] = [];
	/** Sessions whose files went with a node since they were last asked for. */
	#bereft: { session: string; node: string }[] = [];

	constructor(ports: NodeLifecyclePorts) {
		this.#ports = ports;
	}

	/** Leases whose sessions are to be told that they are void. Each is returned once. */
	takeRevoked(): Lease[] {
		const revoked = this.#revoked;
		this.#revoked = [];
		return revoked;
	}

	/** Sessions without a lease that have lost files with a node, and are to be told. Each is returned once. */
	takeBereft(): { session: string; node: string }[] {
		const bereft = this.#bereft;
		this.#bereft = [];
		return bereft;
	}

	/** Somebody is to be told of what a node took with it. */
	hasVictims(): boolean {
		return this.#revoked.length > 0 || this.#bereft.length > 0;
	}

	/** The machine can be used. Said again by the same machine it changes what it offers, and nothing else. */
	joined(joined: NodeJoined): void {
		const { pool, containers } = this.#ports;
		const now = this.#ports.now();
		const known = pool.ledger.node(joined.name);
		const same = known?.uid === joined.uid || known?.source === "container" ? known : undefined;
		if (known && known.incarnation > joined.incarnation) return;
		if (known && known.incarnation !== joined.incarnation) this.#revoke(joined.name);
		const { taints: firstTaints, ...machine } = joined;
		const { order: _, reason: __, message: ___, ...kept }: Partial<StoredNode> = same ?? {};
		const taints = kept.taints ?? firstTaints;
		const since = taintedAt(taints ?? [], kept.taintedAt, now);
		const node: StoredNode = {
			...kept,
			...machine,
			// What people say of a node (its taints, their labels) is theirs; the machine has the first word only.
			labels: { ...kept.labels, ...machine.labels },
			...(taints && { taints }),
			...(since && { taintedAt: since }),
			ready: true,
			state: "Ready",
			reason: "NodeReady",
			message: "The node is connected.",
			createdAt: known?.createdAt ?? now,
			transitionAt: known?.ready ? known.transitionAt : now,
			heardAt: now,
		};
		// A stop that was ordered stays ordered.
		pool.putNode(same?.order?.kind === "stop" ? { ...node, order: same.order } : node);
		this.#tellJoined(known, node);
		containers.joined(node, now);
		this.#ports.changed();
	}

	/** The connection is gone. The leases live on: it may be back in a moment. */
	left(name: string, incarnation: number): void {
		const known = this.#ports.pool.ledger.node(name);
		if (!known?.ready || known.incarnation !== incarnation) return;
		this.#silent(known, "NodeStatusUnknown", "The node's connection is gone.");
	}

	/**
	 * Nothing was heard for too long, or it was rebooted: its leases are void, and should it come back, it does so under another
	 * incarnation.
	 */
	lost(name: string, incarnation: number, next: number, rebooted = false): void {
		const known = this.#ports.pool.ledger.node(name);
		if (known?.incarnation !== incarnation) return;
		const revoked = this.#revoke(name);
		const what = revoked === 0 ? "" : ` ${revoked} ${revoked === 1 ? "lease was" : "leases were"} revoked.`;
		const message = `${rebooted ? "The machine was rebooted." : `Nothing was heard of the node for ${NODE_LOST_MS / 1_000} s.`}${what}`;
		this.#silent({ ...known, incarnation: next }, "NodeLost", message);
		// A reboot is told when the machine is back, which is at once.
		if (!rebooted) this.#ports.events.lost(known, message);
		this.#ports.changed();
	}

	/** The machine of that incarnation is gone for good. Another may have joined under the name meanwhile. */
	replaced(name: string, incarnation: number): boolean {
		const { pool } = this.#ports;
		const known = pool.ledger.node(name);
		if (known?.incarnation !== incarnation) return known === undefined;
		this.remove(name);
		return true;
	}

	/** `false` when there is no such node. */
	remove(name: string): boolean {
		const { pool, events } = this.#ports;
		const known = pool.ledger.node(name);
		if (known) events.removing(known);
		this.#bereft.push(...pool.filesOn(name).map((session) => ({ session, node: name })));
		this.#revoked.push(...pool.deleteNode(name));
		this.#ports.changed();
		return known !== undefined;
	}

	/** What people say of a node has changed. */
	changed({ metadata, spec }: Node): void {
		const { pool, events } = this.#ports;
		const known = pool.ledger.node(metadata.name);
		if (!known || known.uid !== metadata.uid) return;
		const { unschedulable, taintedAt: before, ...node } = known;
		// Those that say how it stands would outlive it by a moment, in which nothing could be placed there.
		const own = (spec.taints ?? []).filter((taint) => !isLifecycleTaint(taint));
		const taints = own.map(({ key, value, effect }) => ({ key, effect, ...(value !== undefined && { value }) }));
		const labels = metadata.labels ?? {};
		const said = [labels, taints, spec.unschedulable === true];
		// What it is told of its machine comes back to it as a change of the resource.
		if (canonicalJson(said) === canonicalJson([known.labels, known.taints ?? [], unschedulable === true])) return;
		const since = taintedAt(taints, before, this.#ports.now());
		if ((spec.unschedulable === true) !== (unschedulable === true))
			events.status(known, spec.unschedulable ? "NodeNotSchedulable" : "NodeSchedulable");
		pool.putNode({ ...node, labels, taints, ...(since && { taintedAt: since }), ...(spec.unschedulable && { unschedulable: true }) });
		this.#ports.changed();
	}

	/** @param known as it was before; absent: no node had the name */
	#tellJoined(known: StoredNode | undefined, node: StoredNode): void {
		const { events } = this.#ports;
		// A container is known from its order on, and registers when its machine first answers.
		const isNew = known === undefined || known.uid !== node.uid;
		if (isNew) events.registered(node);
		else if (node.bootId !== undefined && known.bootId !== undefined && known.bootId !== node.bootId) events.rebooted(node);
		if (isNew || !known.ready) events.status(node, "NodeReady");
	}

	#silent(node: StoredNode, reason: string, message: string): void {
		const transitionAt = node.ready ? this.#ports.now() : node.transitionAt;
		if (node.ready) this.#ports.events.status(node, "NodeNotReady");
		this.#ports.pool.putNode({ ...node, ready: false, state: "Unknown", reason, message, transitionAt });
	}

	#revoke(name: string): number {
		const gone = this.#ports.pool.revokeAll(name);
		this.#revoked.push(...gone);
		return gone.length;
	}
}
