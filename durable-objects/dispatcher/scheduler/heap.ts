/** Gives out the first of its items each time, by an order that holds while they are in it. */
export class Heap<T> {
	readonly #items: T[] = [];
	readonly #isBefore: (a: T, b: T) => boolean;

	constructor(isBefore: (a: T, b: T) => boolean) {
		this.#isBefore = isBefore;
	}

	get size(): number {
		return this.#items.length;
	}

	/** What {@link pop} would give. */
	peek(): T | undefined {
		return this.#items[0];
	}

	push(item: T): void {
		let at = this.#items.push(item) - 1;
		while (at > 0) {
			const above = (at - 1) >> 1;
			if (!this.#isBefore(item, this.#items[above] as T)) break;
			this.#items[at] = this.#items[above] as T;
			at = above;
		}
		this.#items[at] = item;
	}

	pop(): T | undefined {
		const first = this.#items[0];
		const last = this.#items.pop();
		if (first === undefined || last === undefined || this.#items.length === 0) return first;
		let at = 0;
		for (;;) {
			let below = 2 * at + 1;
			if (below >= this.#items.length) break;
			if (below + 1 < this.#items.length && this.#isBefore(this.#items[below + 1] as T, this.#items[below] as T)) below += 1;
			if (!this.#isBefore(this.#items[below] as T, last)) break;
			this.#items[at] = this.#items[below] as T;
			at = below;
		}
		this.#items[at] = last;
		return first;
	}
}
