import { type Filter, feasibleNodes, passesOthers } from "./filter.ts";
import { longer } from "./longer.ts";
import type { PoolState } from "./pool-state.ts";
import { constantScore, isByFitAlone, writeTotals } from "./score.ts";

/** A node and its total. */
export interface Best {
	number: number;
	total: number;
}

/** Finds the node with the highest total, of several the one with the first name. */
export class Chooser {
	#feasible = new Int32Array(16);
	#totals = new Float64Array(16);

	choose(filter: Filter, state: PoolState): Best | undefined {
		return isByFitAlone(filter.query, state) ? this.#byFit(filter, state) : this.#amongAll(filter, state);
	}

	#amongAll(filter: Filter, state: PoolState): Best | undefined {
		const { size, rank } = state.table;
		this.#feasible = longer(this.#feasible, size);
		this.#totals = longer(this.#totals, size);
		const count = feasibleNodes(filter, state, this.#feasible);
		if (count === 0) return undefined;
		writeTotals(filter.query, state, this.#feasible, count, this.#totals);
		let number = this.#feasible[0] as number;
		let total = this.#totals[0] as number;
		for (let at = 1; at < count; at++) {
			const other = this.#totals[at] as number;
			if (other < total) continue;
			const its = this.#feasible[at] as number;
			if (other === total && (rank[its] as number) > (rank[number] as number)) continue;
			number = its;
			total = other;
		}
		return { number, total };
	}

	/** The same with one score, in one loop: whether a node could be better is asked first, since that is nearly always no. */
	#byFit(filter: Filter, state: PoolState): Best | undefined {
		const { table, fit, weights } = state;
		const { rank, cpuFree, memoryFree, storageFree, slotsFree } = table;
		const { used, perCpu, perMemory, perStorage } = fit;
		const { refused } = filter.rules;
		const { cpu, memory, storage } = filter.query.amount;
		const [factor, base] = fit.factors(weights.NodeResourcesFit, constantScore(state));
		let best = -1;
		let bestRank = 0;
		let most = Number.NEGATIVE_INFINITY;
		table.rooms.forEachFrom(cpu, memory, ({ numbers, size }) => {
			for (let at = 0; at < size; at++) {
				const number = numbers[at] as number;
				const percent =
					(used[number] as number) +
					cpu * (perCpu[number] as number) +
					memory * (perMemory[number] as number) +
					storage * (perStorage[number] as number);
				const total = factor * percent + base;
				if (total < most || (total === most && (rank[number] as number) > bestRank)) continue;
				if (cpu > (cpuFree[number] as number) || memory > (memoryFree[number] as number)) continue;
				if ((slotsFree[number] as number) < 1 || storage > (storageFree[number] as number)) continue;
				if (refused[number] !== 0 || !passesOthers(filter, state, number)) continue;
				best = number;
				bestRank = rank[number] as number;
				most = total;
			}
		});
		return best === -1 ? undefined : { number: best, total: most };
	}
}
