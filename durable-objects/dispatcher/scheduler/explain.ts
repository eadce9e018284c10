import { type Filter, feasibleNodes, refusalAt, refusalSentence } from "./filter.ts";
import type { PoolState } from "./pool-state.ts";
import { NO_NODES } from "./reasons.ts";
import { writeTotals } from "./score.ts";
import { DECISION_NODES, type Decision, type NodeVerdict, type ScoreName } from "./types.ts";

/** The whole account of one decision: the best nodes with their scores, then the refused with their reasons. */
export function explain(filter: Filter, state: PoolState, at: number): Decision {
	const { table } = state;
	const { request } = filter.query;
	const feasible = new Int32Array(table.size);
	const count = feasibleNodes(filter, state, feasible);
	const totals = new Float64Array(count);
	const scores = new Map<ScoreName, Float64Array>();
	writeTotals(filter.query, state, feasible, count, totals, (name, values) => scores.set(name, values));
	const order = firstOf(count, DECISION_NODES, (a, b) => {
		const difference = (totals[b] as number) - (totals[a] as number);
		return difference !== 0 ? difference : rankOf(state, feasible[a]) - rankOf(state, feasible[b]);
	});
	const nodes: NodeVerdict[] = order.map((index) => ({
		node: nameOf(state, feasible[index]),
		scores: Object.fromEntries([...scores].map(([name, values]) => [name, values[index] ?? 0])),
		total: totals[index],
	}));
	const [best] = nodes;
	const passed = new Uint8Array(table.size);
	for (let index = 0; index < count; index++) passed[feasible[index] as number] = 1;
	for (const number of table.inOrder) {
		if (nodes.length >= DECISION_NODES) break;
		if (passed[number] === 1) continue;
		const refusal = refusalAt(filter, state, number);
		if (refusal) nodes.push({ node: nameOf(state, number), refusedBy: refusal.filter, reason: refusal.reasons.join(", ") });
	}
	const message = best ? `Successfully assigned ${request.session} to ${best.node}` : sentence(filter, state);
	return {
		...{ session: request.session, at, ...(best && { node: best.node }), message, nodes },
		...{ omitted: table.count - nodes.length, evaluated: table.count, feasible: count },
	};
}

export function sentence(filter: Filter, state: PoolState): string {
	return state.table.count === 0 ? NO_NODES : refusalSentence(filter, state);
}

/** The first so many of 0, 1, … `count` - 1 in that order, without sorting the rest. */
function firstOf(count: number, most: number, compare: (a: number, b: number) => number): number[] {
	const first: number[] = [];
	for (let index = 0; index < count; index++) {
		if (first.length === most && compare(index, first[most - 1] ?? index) >= 0) continue;
		let at = first.length;
		while (at > 0 && compare(index, first[at - 1] ?? index) < 0) at -= 1;
		first.splice(at, 0, index);
		if (first.length > most) first.pop();
	}
	return first;
}

function rankOf({ table }: PoolState, number = 0): number {
	return table.rank[number] as number;
}

function nameOf({ table }: PoolState, number = 0): string {
	return table.nodes[number]?.name ?? "";
}
