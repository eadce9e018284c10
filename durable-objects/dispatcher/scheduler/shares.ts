import type { Amount } from "./amount.ts";
import { CPU_UNIT } from "./amount.ts";
import type { SchedulerNode } from "./types.ts";

interface Sum {
	cpu: number;
	memory: number;
	storage: number;
	slots: number;
}

const nothing = (): Sum => ({ cpu: 0, memory: 0, storage: 0, slots: 0 });

/**
 * How much of the pool each namespace has: the largest share of any resource, its dominant share (Ghodsi et al., Dominant
 * Resource Fairness, NSDI 2011).
 */
export class Shares {
	readonly #capacity = nothing();
	readonly #used = new Map<string, Sum>();

	/** @param times 1: the node is there, -1: it is gone */
	node({ capacity: { cpu, memory, ephemeralStorage = Number.POSITIVE_INFINITY, slots } }: SchedulerNode, times: 1 | -1): void {
		this.#capacity.cpu += times * Math.round(cpu * CPU_UNIT);
		this.#capacity.memory += times * memory;
		// A node without a limit does not make everybody's share of disks nothing.
		this.#capacity.storage += Number.isFinite(ephemeralStorage) ? times * ephemeralStorage : 0;
		this.#capacity.slots += times * slots;
	}

	/** @param times 1: a session comes, -1: it goes */
	use(namespace: string, { cpu, memory, storage }: Amount, times: 1 | -1): void {
		const used = this.#used.get(namespace) ?? nothing();
		used.cpu += times * cpu;
		used.memory += times * memory;
		used.storage += times * storage;
		used.slots += times;
		if (used.slots === 0) this.#used.delete(namespace);
		else this.#used.set(namespace, used);
	}

	/** Cores and bytes of an average node, of so many. */
	averageOf(nodes: number): { cpu: number; memory: number } {
		const { cpu, memory } = this.#capacity;
		return nodes > 0 ? { cpu: cpu / CPU_UNIT / nodes, memory: memory / nodes } : { cpu: 0, memory: 0 };
	}

	/** From 0 to 1; 0 for a pool without nodes. */
	dominant(namespace: string): number {
		const used = this.#used.get(namespace);
		if (!used) return 0;
		const { cpu, memory, storage, slots } = this.#capacity;
		const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
		return Math.max(share(used.cpu, cpu), share(used.memory, memory), share(used.storage, storage), share(used.slots, slots));
	}
}
