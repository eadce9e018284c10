import type { Waiting } from "./ledger.ts";
import type { Pool } from "./pool.ts";

/** A look for victims goes through every node: a pass does it for so many and leaves the rest to the next one. */
const LOOKS = 16;

/**
 * Makes room for sessions of higher priority: the leases in the way are wanted back, and what they free is kept for whoever
 * it was made for. Nobody is cut: a session gives its node back at the next boundary of a tool call.
 */
export class Preemption {
	readonly #pool: Pool;

	constructor(pool: Pool) {
		this.#pool = pool;
	}

	/** @param blocked those that fit nowhere, most urgent first */
	makeRoom(blocked: readonly Waiting[], now: number): void {
		let looks = 0;
		for (const { request } of blocked) {
			if (this.#isUnderWay(request.session)) continue;
			if (!this.#isAboveSomebody(request.priority ?? 0)) continue;
			looks += 1;
			if (looks > LOOKS) return;
			const plan = this.#pool.scheduler.preempt(request, (session) => this.#pool.ledger.lease(session)?.recall === undefined);
			if (!plan) {
				this.#give(request.session, undefined);
				continue;
			}
			for (const victim of plan.victims) this.#recall(victim, request.session, now);
			this.#pool.scheduler.nominate(request, plan.node);
			this.#give(request.session, plan.node);
		}
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

	#isAboveSomebody(priority: number): boolean {
		for (const { request } of this.#pool.ledger.leases()) if ((request.priority ?? 0) < priority) return true;
		return false;
	}

	#recall(victim: string, by: string, at: number): void {
		const lease = this.#pool.ledger.lease(victim);
		if (!lease || lease.recall) return;
		// Who it is for is nothing that another namespace should learn.
		const reason = "preempted by a session of higher priority";
		this.#pool.putLease({ ...lease, recall: { by: `preemption for ${by}`, reason, cause: "Preempted", at, told: false } });
	}

	#give(session: string, node: string | undefined): void {
		if (node === undefined && this.#pool.ledger.waiting(session)?.nominated !== undefined) this.#pool.scheduler.forget(session);
		this.#pool.ledger.nominate(session, node);
	}
}
