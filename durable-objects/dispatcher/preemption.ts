import type { LeaseRequest } from "../ports.ts";
import type { Waiting } from "./ledger.ts";
import type { Pool } from "./pool.ts";
import { Heap } from "./scheduler/heap.ts";
import { byAge, mayPreempt } from "./scheduler/waiting.ts";

/** A look for victims goes through every node, at some 10 µs each: a pass looks at so many and leaves the rest to the next one. */
const NODES_LOOKED_AT = 5_000;
const LOOKS = 16;
/** The next pass for those that were left, in milliseconds. */
const AGAIN_MS = 1_000;
/** A look that found nothing is taken at its word for so long at most, in milliseconds. */
const FORGET_MS = 60_000;
/** Looks that are remembered. */
const REMEMBERED = 4_096;

/** Those of a group that were not looked at yet. */
interface Line {
	priority: number;
	share: number;
	waiting: readonly Waiting[];
	next: Waiting;
	at: number;
}

/** A look that found nobody whose room would do. */
interface Look {
	at: number;
	/** How many nodes had been loosened by then, see {@link Pool.loosened}. */
	seen: number;
	of: Pool["loosened"];
}

/**
 * Makes room for sessions of higher priority: the leases in the way are wanted back, and what they free is kept for whoever
 * it was made for. Nobody is cut: a session gives its node back at the next boundary of a tool call.
 */
export class Preemption {
	readonly #pool: Pool;
	/** Looks in vain, by what was asked for; the oldest first. */
	readonly #inVain = new Map<string, Look>();
	#dueAt: number | undefined;

	constructor(pool: Pool) {
		this.#pool = pool;
	}

	/** For those who wait, which is whoever fits nowhere: the most urgent first. */
	makeRoom(now: number): void {
		const { scheduler } = this.#pool;
		this.#dueAt = undefined;
		let looks = 0;
		let nodes = 0;
		const lines = this.#lines();
		for (let line = lines.pop(); line; line = lines.pop()) {
			const { request } = line.next;
			const next = line.waiting[line.at + 1];
			if (this.#isUnderWay(request.session)) {
				if (next) lines.push({ ...line, next, at: line.at + 1 });
				continue;
			}
			const key = this.#keyOf(request);
			const only = this.#worthLookingAt(request, key, now);
			if (only?.length !== 0) {
				if (looks >= LOOKS || nodes >= NODES_LOOKED_AT) {
					this.#dueAt = now + AGAIN_MS;
					return;
				}
				looks += 1;
				nodes += only?.length ?? this.#pool.ledger.nodeCount();
				const plan = scheduler.preempt(request, (session) => this.#pool.ledger.lease(session)?.recall === undefined, only);
				if (plan) {
					for (const victim of plan.victims) this.#recall(victim, now);
					this.#pool.nominate(request, plan.node);
					if (next) lines.push({ ...line, next, at: line.at + 1 });
					continue;
				}
				this.#remember(key, now, only !== undefined);
			}
			// What was found in vain for one is in vain for all of its group.
			this.#giveUp(request.session);
		}
	}

	/** Those who may be worth more than somebody who is placed, by priority, then by the share of their namespace, then by age. */
	#lines(): Heap<Line> {
		const { scheduler, backlog } = this.#pool;
		const lowest = scheduler.lowestPriority();
		const lines = new Heap<Line>(isBefore);
		for (const { waiting, priority, namespace } of backlog.groups()) {
			if (priority <= lowest) continue;
			const next = waiting[0];
			// A copy: whoever has room kept for it becomes a group of its own.
			if (next && mayPreempt(next.request, lowest))
				lines.push({ priority, share: scheduler.dominantShare(namespace), waiting: [...waiting], next, at: 0 });
		}
		return lines;
	}

	/** When those are to be looked at that the last pass had no time for. */
	dueAt(): number | undefined {
		return this.#dueAt;
	}

	/** Where room is being made for a session, and at whose cost. */
	of(session: string): { node: string; victims: string[] } | undefined {
		const node = this.#pool.ledger.waiting(session)?.nominated;
		if (node === undefined) return undefined;
		const victims = this.#pool.leasesOn(node).flatMap((lease) => (lease.recall ? [lease.session] : []));
		return { node, victims };
	}

	/** Room is being made already, and whoever is to leave has not left yet. */
	#isUnderWay(session: string): boolean {
		const node = this.#pool.ledger.waiting(session)?.nominated;
		return node !== undefined && this.#pool.leasesOn(node).some(({ recall }) => recall !== undefined);
	}

	/** Names of the only nodes where there may be something to find; `undefined`: all. */
	#worthLookingAt(request: LeaseRequest, key: string, now: number): string[] | undefined {
		const look = this.#inVain.get(key);
		const { loosened, scheduler } = this.#pool;
		if (!look || look.of !== loosened || now - look.at >= FORGET_MS) return undefined;
		if (look.seen === loosened.last) return [];
		// Whoever left one node may have been in the way of a place on another.
		if (scheduler.dependsOnPeers(request)) return undefined;
		const changed = loosened.since(look.seen);
		return changed && [...new Set(changed)];
	}

	/** @param again of a look that has been remembered: what was not looked at now is as old as it was */
	#remember(key: string, now: number, again: boolean): void {
		const { loosened } = this.#pool;
		const at = (again && this.#inVain.get(key)?.at) || now;
		this.#inVain.delete(key);
		this.#inVain.set(key, { at, seen: loosened.last, of: loosened });
		const [oldest] = this.#inVain.keys();
		if (this.#inVain.size > REMEMBERED && oldest !== undefined) this.#inVain.delete(oldest);
	}

	#keyOf(request: LeaseRequest): string {
		const { cpu, memory, ephemeralStorage = 0 } = request.requests;
		return `${this.#pool.scheduler.kindOf(request)} ${cpu} ${memory} ${ephemeralStorage}`;
	}

	#recall(victim: string, at: number): void {
		const lease = this.#pool.ledger.lease(victim);
		if (!lease || lease.recall) return;
		// Who it is for is nothing that another namespace should learn: it is known by what is kept for it, see {@link of}.
		const reason = "preempted by a session of higher priority";
		this.#pool.putLease({ ...lease, recall: { by: "system:dispatcher", reason, cause: "Preempted", at, told: false } });
	}

	#giveUp(session: string): void {
		if (this.#pool.ledger.waiting(session)?.nominated !== undefined) this.#pool.forget(session);
	}
}

function isBefore(a: Line, b: Line): boolean {
	return (b.priority - a.priority || a.share - b.share || byAge(a.next, b.next)) < 0;
}
