import type { Amount } from "./amount.ts";
import { longer } from "./longer.ts";
import type { NodeTable } from "./node-table.ts";
import type { Query } from "./query.ts";
import type { Sharing } from "./sharing.ts";

/** Room that is kept on a node for whoever it was made for, against sessions of the same or a lower priority, as in Kubernetes. */
export class Nominations {
	/** 1: something is kept there. */
	flags = new Uint8Array(16);
	readonly #bySession = new Map<string, { query: Query; number: number }>();

	get size(): number {
		return this.#bySession.size;
	}

	add(query: Query, number: number): void {
		this.delete(query.request.session);
		this.flags = longer(this.flags, number);
		this.flags[number] = 1;
		this.#bySession.set(query.request.session, { query, number });
	}

	delete(session: string): void {
		const number = this.#bySession.get(session)?.number;
		if (number === undefined) return;
		this.#bySession.delete(session);
		if (![...this.#bySession.values()].some((other) => other.number === number)) this.flags[number] = 0;
	}

	deleteNode(number: number): void {
		for (const [session, nomination] of this.#bySession) if (nomination.number === number) this.delete(session);
	}

	numberOf(session: string): number | undefined {
		return this.#bySession.get(session)?.number;
	}

	all(): Iterable<{ query: Query; number: number }> {
		return this.#bySession.values();
	}

	/** A request that the node has room for would take what is kept for somebody of the same or a higher priority. */
	refuses({ request, amount, priority, namespace, strictness }: Query, number: number, table: NodeTable, sharing: Sharing): boolean {
		const kept: Amount = { cpu: 0, memory: 0, storage: 0 };
		let slots = 0;
		for (const { query, number: there } of this.#bySession.values()) {
			if (there !== number || query.priority < priority || query.request.session === request.session) continue;
			const strict = Math.max(sharing.strictness[number] as number, strictness, query.strictness);
			if (strict === 2 || (strict === 1 && query.namespace !== namespace)) return true;
			kept.cpu += query.amount.cpu;
			kept.memory += query.amount.memory;
			kept.storage += query.amount.storage;
			slots += 1;
		}
		return (
			slots > 0 &&
			(kept.cpu + amount.cpu > (table.cpuFree[number] as number) ||
				kept.memory + amount.memory > (table.memoryFree[number] as number) ||
				kept.storage + amount.storage > (table.storageFree[number] as number) ||
				slots + 1 > (table.slotsFree[number] as number))
		);
	}
}
