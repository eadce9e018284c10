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
	/** By place: its value, and how many nodes are in it. A place without nodes is given to the next value. */
	readonly #values: string[] = [];
	readonly #nodes: number[] = [];
	readonly #free: number[] = [];

	constructor(key: string) {
		this.key = key;
	}

	/** Places are below this: as many as there were at once. */
	get size(): number {
		return this.#values.length;
	}

	put(number: number, node: SchedulerNode | undefined): void {
		const length = this.places.length;
		this.places = longer(this.places, number);
		if (this.places.length > length) this.places.fill(NOWHERE, length);
		const value = node && Object.hasOwn(node.labels, this.key) ? node.labels[this.key] : undefined;
		const old = this.places[number] as number;
		// First of all: the place of a node that stays where it is must not be given away in between.
		this.places[number] = value === undefined ? NOWHERE : this.#enter(value);
		if (old !== NOWHERE) this.#leave(old);
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

	#enter(value: string): number {
		const place = this.#byValue.get(value) ?? this.#free.pop() ?? this.#values.length;
		this.#byValue.set(value, place);
		this.#values[place] = value;
		this.#nodes[place] = (this.#nodes[place] ?? 0) + 1;
		return place;
	}

	#leave(place: number): void {
		const left = (this.#nodes[place] ?? 0) - 1;
		this.#nodes[place] = left;
		if (left > 0) return;
		this.#byValue.delete(this.#values[place] ?? "");
		this.#free.push(place);
	}
}
