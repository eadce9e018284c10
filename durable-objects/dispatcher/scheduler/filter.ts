import { BLOCK } from "./node-table.ts";
import { PEER_REFUSALS, peerRefusals } from "./peer-filter.ts";
import type { PoolState } from "./pool-state.ts";
import type { Query } from "./query.ts";
import {
	KEPT_FOR_PRIORITY,
	KEPT_FOR_WAITING,
	OTHER_NAMESPACE,
	OTHER_SESSION,
	ReasonCounts,
	type Refusal,
	TOO_MANY,
	WORKSPACE_BOUND,
} from "./reasons.ts";
import { FREE } from "./sharing.ts";

/** Priority up to which a node is closed, by number: it is kept for somebody who has waited too long. */
export type Kept = Float64Array;

/** Everything that is the same for all nodes of one decision. */
export interface Filter {
	query: Query;
	peers: Uint8Array | undefined;
	/** Number of the only node that will do; -1: any. */
	bound: number;
	kept: Kept | undefined;
}

export function filterFor(query: Query, state: PoolState, kept?: Kept): Filter {
	state.queries.use(query.rules);
	query.rules.sync(state.table, state.changes);
	// A workspace on a node that no longer exists binds nobody.
	const bound = query.bound === undefined ? -1 : (state.table.numberOf(query.bound) ?? -1);
	return { query, peers: peerRefusals(query, state), bound, kept };
}

/** Writes the numbers of the nodes that pass to `into`, and returns how many they are. The same as {@link refusalAt}, faster. */
export function feasibleNodes(filter: Filter, state: PoolState, into: Int32Array): number {
	const { size } = state.table;
	const { bound } = filter;
	if (bound !== -1) return feasibleBetween(filter, state, bound, bound + 1, into, 0);
	let count = 0;
	for (let block = 0; block * BLOCK < size; block++) {
		if (mayFit(filter, state, block)) count = feasibleInBlock(filter, state, block, into, count);
	}
	return count;
}

/** Whether a block of nodes is worth a look. */
export function mayFit({ query: { amount } }: Filter, { table }: PoolState, block: number): boolean {
	table.refresh(block);
	return (
		amount.cpu <= (table.blockCpu[block] as number) &&
		amount.memory <= (table.blockMemory[block] as number) &&
		(table.blockSlots[block] as number) > 0
	);
}

/** Appends to the `found` numbers in `into`, and returns how many they are then. */
export function feasibleInBlock(filter: Filter, state: PoolState, block: number, into: Int32Array, found: number): number {
	const from = block * BLOCK;
	return feasibleBetween(filter, state, from, Math.min(from + BLOCK, state.table.size), into, found);
}

function feasibleBetween(filter: Filter, state: PoolState, from: number, to: number, into: Int32Array, found: number): number {
	const { query, peers, kept } = filter;
	const { table, sharing, nominations } = state;
	const { cpuFree, memoryFree, storageFree, slotsFree, slotsUsed } = table;
	const { owner, strictness } = sharing;
	const { refused } = query.rules;
	const { cpu, memory, storage } = query.amount;
	const { namespace, priority, strictness: strict } = query;
	const nominated = nominations.size > 0 ? nominations.flags : undefined;
	let count = found;
	for (let number = from; number < to; number++) {
		if (cpu > (cpuFree[number] as number) || memory > (memoryFree[number] as number)) continue;
		if ((slotsFree[number] as number) < 1 || storage > (storageFree[number] as number)) continue;
		if (refused[number] !== 0) continue;
		const there = strictness[number] as number;
		if (there !== 0 || strict !== 0) {
			const of = owner[number] as number;
			if (of !== FREE && of !== namespace) continue;
			if ((there === 2 || strict === 2) && slotsUsed[number] !== 0) continue;
		}
		if (peers !== undefined && peers[number] !== 0) continue;
		if (nominated?.[number] === 1 && nominations.refuses(query, number, table, sharing)) continue;
		if (kept !== undefined && (kept[number] as number) >= priority) continue;
		into[count++] = number;
	}
	return count;
}

/** What is against a node, by the first filter that refuses it; `undefined`: nothing is. */
export function refusalAt({ query, peers, bound, kept }: Filter, state: PoolState, number: number): Refusal | undefined {
	const refused = state.queries.codes.refusalOf(query.rules.refused[number] as number);
	if (refused) return refused;
	if (bound !== -1 && bound !== number) return WORKSPACE_BOUND;
	const { table, sharing, nominations } = state;
	const other = sharingRefusal(query, state, number);
	if (other) return other;
	const short = shortages(query, state, number);
	if (short !== 0) return RESOURCES[short];
	const apart = PEER_REFUSALS[peers?.[number] ?? 0];
	if (apart) return apart;
	if (nominations.flags[number] === 1 && nominations.refuses(query, number, table, sharing)) return KEPT_FOR_PRIORITY;
	return kept && (kept[number] as number) >= query.priority ? KEPT_FOR_WAITING : undefined;
}

/** `0/5 nodes are available: …` for a request that no node passes. */
export function refusalSentence(filter: Filter, state: PoolState): string {
	const counts = new ReasonCounts();
	const times = new Map<Refusal, number>();
	for (const number of state.table.inOrder) {
		const refusal = refusalAt(filter, state, number);
		if (refusal) times.set(refusal, (times.get(refusal) ?? 0) + 1);
	}
	for (const [{ reasons }, count] of times) for (const reason of reasons) counts.add(reason, count);
	return counts.sentence(state.table.count);
}

function sharingRefusal({ namespace, strictness }: Query, { sharing, table }: PoolState, number: number): Refusal | undefined {
	const strict = Math.max(sharing.strictness[number] as number, strictness);
	if (strict === 0) return undefined;
	const owner = sharing.owner[number] as number;
	if (owner !== FREE && owner !== namespace) return OTHER_NAMESPACE;
	return strict === 2 && (table.slotsUsed[number] as number) > 0 ? OTHER_SESSION : undefined;
}

/** Bits, one for each resource of which there is too little. */
function shortages({ amount }: Query, { table }: PoolState, number: number): number {
	const { cpu, memory, storage } = amount;
	return (
		((table.slotsFree[number] as number) < 1 ? 1 : 0) |
		(cpu > (table.cpuFree[number] as number) ? 2 : 0) |
		(memory > (table.memoryFree[number] as number) ? 4 : 0) |
		(storage > (table.storageFree[number] as number) ? 8 : 0)
	);
}

const SHORT_OF = [TOO_MANY, "Insufficient cpu", "Insufficient memory", "Insufficient ephemeral-storage"];

/** For each combination of {@link shortages} its own refusal. */
const RESOURCES: readonly Refusal[] = Array.from({ length: 16 }, (_, bits) => ({
	filter: "NodeResourcesFit",
	reasons: SHORT_OF.filter((_, bit) => (bits & (1 << bit)) !== 0),
	final: false,
}));
