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
import type { Rules } from "./rules.ts";
import { FREE } from "./sharing.ts";

/** Priority up to which a node is closed, by number: it is kept for somebody who has waited too long. */
export type Kept = Float64Array;

/** Everything that is the same for all nodes of one decision. */
export interface Filter {
	query: Query;
	/** What the nodes alone say to it. */
	rules: Rules;
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
	const rules = bound === -1 ? query.rules : (query.here ?? query.rules);
	if (rules !== query.rules) {
		state.queries.use(rules);
		rules.sync(state.table, state.changes);
	}
	return { query, rules, peers: peerRefusals(query, state), bound, kept };
}

/** Writes the numbers of the nodes that pass to `into`, and returns how many they are. The same as {@link refusalAt}, faster. */
export function feasibleNodes(filter: Filter, state: PoolState, into: Int32Array): number {
	const { table } = state;
	const { cpuFree, memoryFree, storageFree, slotsFree } = table;
	const { refused } = filter.rules;
	const { cpu, memory, storage } = filter.query.amount;
	let count = 0;
	table.rooms.forEachFrom(cpu, memory, ({ numbers, size }) => {
		for (let at = 0; at < size; at++) {
			const number = numbers[at] as number;
			if (cpu > (cpuFree[number] as number) || memory > (memoryFree[number] as number)) continue;
			if ((slotsFree[number] as number) < 1 || storage > (storageFree[number] as number)) continue;
			if (refused[number] === 0 && passesOthers(filter, state, number)) into[count++] = number;
		}
	});
	return count;
}

/** Those filters that look neither at the node alone nor at what is left of it. */
export function passesOthers({ query, peers, bound, kept }: Filter, { table, sharing, nominations }: PoolState, number: number): boolean {
	const there = sharing.strictness[number] as number;
	if (there !== 0 || query.strictness !== 0) {
		const owner = sharing.owner[number] as number;
		if (owner !== FREE && owner !== query.namespace) return false;
		if ((there === 2 || query.strictness === 2) && table.slotsUsed[number] !== 0) return false;
	}
	if (bound !== -1 && bound !== number) return false;
	if (peers !== undefined && peers[number] !== 0) return false;
	if (nominations.flags[number] === 1 && nominations.refuses(query, number, table, sharing)) return false;
	return kept === undefined || (kept[number] as number) < query.priority;
}

/** What is against a node, by the first filter that refuses it; `undefined`: nothing is. */
export function refusalAt({ query, rules, peers, bound, kept }: Filter, state: PoolState, number: number): Refusal | undefined {
	const refused = state.queries.codes.refusalOf(rules.refused[number] as number);
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
