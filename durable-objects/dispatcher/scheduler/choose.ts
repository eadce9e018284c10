import { type Filter, feasibleInBlock, feasibleNodes, mayFit } from "./filter.ts";
import { longer } from "./longer.ts";
import { BLOCK, BLOCK_BITS } from "./node-table.ts";
import type { PoolState } from "./pool-state.ts";
import { constantScore, isByFitAlone, writeTotals } from "./score.ts";

/** A node and its total. */
export interface Best {
	number: number;
	total: number;
}

/** Finds the node with the highest total, of several the one with the first name. */
export class Chooser {
	#feasible = new Int32Array(BLOCK);
	#totals = new Float64Array(BLOCK);
	/** Block of the last choice: what fills one node up looks there first. */
	#last = 0;

	choose(filter: Filter, state: PoolState): Best | undefined {
		const { size } = state.table;
		this.#feasible = longer(this.#feasible, size);
		this.#totals = longer(this.#totals, size);
		const best = filter.bound === -1 && isByFitAlone(filter.query, state) ? this.#byBlocks(filter, state) : this.#amongAll(filter, state);
		if (best) this.#last = best.number >> BLOCK_BITS;
		return best;
	}

	#amongAll(filter: Filter, state: PoolState): Best | undefined {
		const count = feasibleNodes(filter, state, this.#feasible);
		if (count === 0) return undefined;
		writeTotals(filter.query, state, this.#feasible, count, this.#totals);
		return this.#better(undefined, count, state);
	}

	/** Leaves out the blocks in which nobody could have a higher total than what was found already. */
	#byBlocks(filter: Filter, state: PoolState): Best | undefined {
		const { table, fit, weights } = state;
		const { amount } = filter.query;
		const constant = constantScore(state);
		const blocks = (table.size + BLOCK - 1) >> BLOCK_BITS;
		let best: Best | undefined;
		for (let at = -1; at < blocks; at++) {
			const block = at === -1 ? this.#last : at;
			if (at === this.#last || block >= blocks || !mayFit(filter, state, block)) continue;
			if (best) {
				const bound = fit.bound(block, amount, weights.NodeResourcesFit, constant);
				if (bound < best.total) continue;
				if (bound === best.total && table.firstRank(block) > (table.rank[best.number] as number)) continue;
			}
			const count = feasibleInBlock(filter, state, block, this.#feasible, 0);
			fit.write(this.#totals, this.#feasible, count, amount, table, weights.NodeResourcesFit, constant);
			best = this.#better(best, count, state);
		}
		return best;
	}

	/** The best of the first `count` that were written down, and of what is known already. */
	#better(known: Best | undefined, count: number, { table: { rank } }: PoolState): Best | undefined {
		let number = known?.number ?? -1;
		let total = known?.total ?? Number.NEGATIVE_INFINITY;
		for (let at = 0; at < count; at++) {
			const itsTotal = this.#totals[at] as number;
			if (itsTotal < total) continue;
			const itsNumber = this.#feasible[at] as number;
			if (itsTotal === total && number !== -1 && (rank[itsNumber] as number) > (rank[number] as number)) continue;
			number = itsNumber;
			total = itsTotal;
		}
		return number === -1 ? undefined : { number, total };
	}
}
