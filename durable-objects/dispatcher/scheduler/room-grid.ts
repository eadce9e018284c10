import { CPU_UNIT } from "./amount.ts";
import { longer } from "./longer.ts";

/** Steps of a resource; each is √2 times the one before. */
const STEPS = 18;
/** The first step ends here: a twentieth of a core and 64 MiB. */
const LEAST_CPU = CPU_UNIT / 20;
const LEAST_MEMORY = 2 ** 26;
/** Where the step after each begins, in multiples of the first one's end. */
const STARTS = Array.from({ length: STEPS - 1 }, (_, step) => 2 ** (step / 2));
const NOWHERE = -1;

/**
 * Nodes by what they have left, in a grid of steps of cores and steps of memory: a request looks only at the cells that are
 * as large as itself. In a pool that is packed most nodes are in cells that nobody has to look at.
 */
export class RoomGrid {
	readonly #cells: readonly Cell[] = Array.from({ length: STEPS * STEPS }, () => new Cell());
	/** Cell of each node, and where in it. */
	#cell = new Int32Array(16).fill(NOWHERE);
	#at = new Int32Array(16);

	/** A node without a free slot is in no cell. */
	put(number: number, cpu: number, memory: number, slots: number): void {
		if (number >= this.#cell.length) {
			const before = this.#cell.length;
			this.#cell = longer(this.#cell, number).fill(NOWHERE, before);
			this.#at = longer(this.#at, number);
		}
		const cell = slots < 1 || cpu < 0 || memory < 0 ? NOWHERE : cellOf(cpu, memory);
		const old = this.#cell[number] as number;
		if (cell === old) return;
		if (old !== NOWHERE) {
			const moved = (this.#cells[old] as Cell).removeAt(this.#at[number] as number);
			this.#at[moved] = this.#at[number] as number;
		}
		this.#cell[number] = cell;
		if (cell !== NOWHERE) this.#at[number] = (this.#cells[cell] as Cell).push(number);
	}

	/** Calls `look` with each cell in which nodes may have room for so much, the ones with the least first. */
	forEachFrom(cpu: number, memory: number, look: (cell: Cell) => void): void {
		const firstMemory = stepOf(memory, LEAST_MEMORY);
		for (let step = stepOf(cpu, LEAST_CPU); step < STEPS; step++) {
			for (let at = step * STEPS + firstMemory; at < (step + 1) * STEPS; at++) {
				const cell = this.#cells[at] as Cell;
				if (cell.size > 0) look(cell);
			}
		}
	}
}

/** Numbers of nodes in no order. */
export class Cell {
	numbers = new Int32Array(4);
	size = 0;

	/** Returns the place of the number. */
	push(number: number): number {
		this.numbers = longer(this.numbers, this.size);
		this.numbers[this.size] = number;
		return this.size++;
	}

	/** The last one takes the place of the one that goes. Returns which that is. */
	removeAt(at: number): number {
		this.size -= 1;
		const last = this.numbers[this.size] as number;
		this.numbers[at] = last;
		return last;
	}
}

function cellOf(cpu: number, memory: number): number {
	return stepOf(cpu, LEAST_CPU) * STEPS + stepOf(memory, LEAST_MEMORY);
}

/** Never smaller for more: compared, since a logarithm may be off by a hair where two steps meet. */
function stepOf(amount: number, least: number): number {
	let step = 0;
	while (step < STEPS - 1 && amount >= least * (STARTS[step] as number)) step += 1;
	return step;
}
