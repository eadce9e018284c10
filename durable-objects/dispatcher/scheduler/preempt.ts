import { type Filter, filterFor, refusalAt } from "./filter.ts";
import { peerRefusals } from "./peer-filter.ts";
import type { Placement, Placements } from "./placements.ts";
import type { PoolState } from "./pool-state.ts";
import type { Query } from "./query.ts";
import { ReasonCounts } from "./reasons.ts";

export interface Preemption {
	node: string;
	victims: string[];
}

/**
 * Where peers matter every look at a node counts sessions everywhere, so as in kube-scheduler only so many nodes are looked
 * at (its minCandidateNodesAbsolute).
 */
const PEER_CANDIDATES = 100;

/** Never in Kubernetes' words, and what no preemption would change. */
const NOT_ELIGIBLE = "not eligible due to preemptionPolicy=Never.";
const NOT_HELPFUL = "Preemption is not helpful for scheduling";
const NO_VICTIMS = "No preemption victims found for incoming pod";

interface Candidate {
	number: number;
	victims: Placement[];
}

/**
 * The node where the least is lost by making room: kube-scheduler's order of criteria, which is the lowest priority of the
 * most important victim, then the smallest sum of priorities, then the fewest victims, then (for the time when they started)
 * the most important victim that came last, then the first name.
 *
 * @param only numbers of the only nodes to look at, in the order of their names; absent: all
 */
export function preempt(
	query: Query,
	state: PoolState,
	placements: Placements,
	mayBeAsked: (session: string) => boolean,
	only?: readonly number[],
): Preemption | undefined {
	if (query.request.preemptionPolicy === "Never" || placements.lowestPriority() >= query.priority) return undefined;
	const filter = filterFor(query, state);
	let best: Candidate | undefined;
	let looks = 0;
	for (const number of only ?? state.table.inOrder) {
		if (looks >= PEER_CANDIDATES) break;
		if (refusalAt(filter, state, number)?.final && !isPeerMatter(filter, number)) continue;
		const candidate = candidateAt(filter, state, placements, number, mayBeAsked);
		if (!candidate) continue;
		if (filter.peers) looks += 1;
		if (!best || isBetter(candidate, best)) best = candidate;
	}
	const name = best && state.table.nodes[best.number]?.name;
	if (!best || name === undefined) return undefined;
	return { node: name, victims: best.victims.map(({ query: { request } }) => request.session) };
}

/** `preemption: 0/5 nodes are available: …`, as kube-scheduler adds it when no preemption would help. */
export function preemptionSentence(query: Query, state: PoolState, placements: Placements): string {
	if (query.request.preemptionPolicy === "Never") return `preemption: ${NOT_ELIGIBLE}`;
	const filter = filterFor(query, state);
	const counts = new ReasonCounts();
	for (const number of state.table.inOrder) {
		const refusal = refusalAt(filter, state, number);
		if (refusal?.final) counts.add(NOT_HELPFUL);
		else if (refusal) for (const reason of reasonsWithout(filter, state, placements, number)) counts.add(reason);
	}
	return `preemption: ${counts.sentence(state.table.count)}`;
}

/** What would still be against the node with everybody of lower priority gone. */
function reasonsWithout(filter: Filter, state: PoolState, placements: Placements, number: number): readonly string[] {
	const lower = [...placements.on(number)].filter(({ query }) => query.priority < filter.query.priority);
	if (lower.length === 0) return [NO_VICTIMS];
	for (const placement of lower) placements.count(placement, -1);
	const refusal = refusalAt({ ...filter, peers: peerRefusals(filter.query, state) }, state, number);
	for (const placement of lower) placements.count(placement, 1);
	return refusal?.reasons ?? [NO_VICTIMS];
}

function isPeerMatter({ peers }: Filter, number: number): boolean {
	return peers !== undefined && peers[number] !== 0;
}

/** Who must go from a node: all of lower priority at first, then those are spared whose room is not needed, the most important first. */
function candidateAt(
	filter: Filter,
	state: PoolState,
	placements: Placements,
	number: number,
	mayBeAsked: (session: string) => boolean,
): Candidate | undefined {
	const { query } = filter;
	const lower = [...placements.on(number)].filter(
		(placement) => placement.query.priority < query.priority && mayBeAsked(placement.query.request.session),
	);
	if (lower.length === 0 || !couldFit(query, state, number, lower)) return undefined;
	const isFree = () => {
		const peers = filter.peers && peerRefusals(query, state);
		return refusalAt({ ...filter, peers }, state, number) === undefined;
	};
	for (const placement of lower) placements.count(placement, -1);
	const victims: Placement[] = [];
	const enough = isFree();
	if (!enough) for (const placement of lower) placements.count(placement, 1);
	else
		for (const placement of lower.sort(byImportance)) {
			placements.count(placement, 1);
			if (isFree()) continue;
			placements.count(placement, -1);
			victims.push(placement);
		}
	for (const placement of victims) placements.count(placement, 1);
	return victims.length > 0 ? { number, victims } : undefined;
}

/** By sums alone, which is quick. */
function couldFit({ amount }: Query, { table }: PoolState, number: number, lower: readonly Placement[]): boolean {
	let [cpu, memory, storage] = [0, 0, 0];
	for (const { query } of lower) {
		cpu += query.amount.cpu;
		memory += query.amount.memory;
		storage += query.amount.storage;
	}
	return (
		amount.cpu <= (table.cpuFree[number] as number) + cpu &&
		amount.memory <= (table.memoryFree[number] as number) + memory &&
		amount.storage <= (table.storageFree[number] as number) + storage
	);
}

/** The most important first: by priority, then those that came first. */
function byImportance(a: Placement, b: Placement): number {
	return b.query.priority - a.query.priority || a.order - b.order;
}

function isBetter(one: Candidate, other: Candidate): boolean {
	const [highest, otherHighest] = [one.victims[0], other.victims[0]];
	if (!highest || !otherHighest) return false;
	const byHighest = highest.query.priority - otherHighest.query.priority;
	if (byHighest !== 0) return byHighest < 0;
	const bySum = prioritySum(one) - prioritySum(other);
	if (bySum !== 0) return bySum < 0;
	if (one.victims.length !== other.victims.length) return one.victims.length < other.victims.length;
	return highest.order > otherHighest.order;
}

/** Priorities may be negative: each is raised so that one more victim always makes the sum larger. */
function prioritySum({ victims }: Candidate): number {
	return victims.reduce((sum, { query }) => sum + query.priority + 2 ** 31, 0);
}
