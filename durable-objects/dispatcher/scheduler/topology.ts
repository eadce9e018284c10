import { longer } from "./longer.ts";
import type { SchedulerNode } from "./types.ts";

/** A node has no place: it lacks the label. */
export const NOWHERE = -1;

/** The places that nodes are in by one label of theirs: a zone, a rack, the node itself. */
export class Topology {
	readonly key: string;
	/** Place of each node, or {@link NOWHERE}. */
	places = new Int32Array(16).fill(NOWHERE);
	readonly #byValue = new Map<string, number>();

	constructor(key: string) {
		this.key = key;
	}

	/** Places that there ever were. */
	get size(): number {
		return this.#byValue.size;
	}

	put(number: number, node: SchedulerNode | undefined): void {
		this.places = longer(this.places, number);
		const value = node && Object.hasOwn(node.labels, this.key) ? node.labels[this.key] : undefined;
		this.places[number] = value === undefined ? NOWHERE : this.#placeOf(value);
	}

	/** Sums by place of what is known by node. */
	sums(byNode: ReadonlyMap<number, number>): Float64Array {
		const sums = new Float64Array(this.size);
		for (const [number, count] of byNode) {
			const place = this.places[number] as number;
			if (place !== NOWHERE) sums[place] = (sums[place] as number) + count;
		}
		return sums;
	}

	#placeOf(value: string): number {
		const known = this.#byValue.get(value);
		if (known !== undefined) return known;
		this.#byValue.set(value, this.#byValue.size);
		return this.#byValue.size - 1;
	}
}
