/** Which nodes have changed, in order; who follows reads from where it was. Old entries are forgotten. @template Node number or name */
export class NodeChanges<Node = number> {
	readonly #keep: number;
	#numbers: Node[] = [];
	#first = 0;

	/** @param keep how many changes are kept at least */
	constructor(keep = 4_096) {
		this.#keep = keep;
	}

	/** Changes so far. */
	get last(): number {
		return this.#first + this.#numbers.length;
	}

	add(number: Node): void {
		this.#numbers.push(number);
		if (this.#numbers.length < 2 * this.#keep) return;
		this.#first += this.#keep;
		this.#numbers = this.#numbers.slice(this.#keep);
	}

	/** The numbers that changed after the first `seen` changes; `undefined` when that is not known any more: all may have. */
	since(seen: number): readonly Node[] | undefined {
		return seen < this.#first ? undefined : this.#numbers.slice(seen - this.#first);
	}
}
