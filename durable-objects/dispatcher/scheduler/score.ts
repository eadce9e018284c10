import { eligible, spreadSums } from "./peer-filter.ts";
import type { PoolState } from "./pool-state.ts";
import type { Query } from "./query.ts";
import { NOWHERE } from "./topology.ts";
import type { ScoreName } from "./types.ts";

/** Takes the scores of one name, in the order of the feasible nodes. */
export type Recorder = (name: ScoreName, scores: Float64Array) => void;

/**
 * Writes the total of the first `count` nodes of `feasible` to `totals`: each score from 0 to 100, normalised over the feasible
 * nodes as kube-scheduler does, times its weight.
 */
export function writeTotals(
	query: Query,
	state: PoolState,
	feasible: Int32Array,
	count: number,
	totals: Float64Array,
	record?: Recorder,
): void {
	const { weights, fit, table } = state;
	fit.write(totals, feasible, count, query.amount, table, weights.NodeResourcesFit, constantScore(state));
	if (record) {
		const scores = new Float64Array(count);
		fit.write(scores, feasible, count, query.amount, table, 1, 0);
		record("NodeResourcesFit", scores);
	}
	const addAll = (name: ScoreName, scores: Float64Array | undefined) => {
		if (!scores || weights[name] === 0) return;
		for (let at = 0; at < count; at++) totals[at] = (totals[at] as number) + weights[name] * (scores[at] as number);
		record?.(name, scores);
	};
	if (state.softTainted === 0) record?.("TaintToleration", new Float64Array(count).fill(100));
	else addAll("TaintToleration", reversed(picked(query.rules.softTaints, feasible, count)));
	if (query.rules.hasPreferred) addAll("NodeAffinity", scaled(picked(query.rules.preferred, feasible, count)));
	addAll("SessionAffinity", affinityScores(query, state, feasible, count));
	addAll("PodTopologySpread", spreadScores(query, state, feasible, count));
	addAll("WorkspaceLocality", localityScores(query, state, feasible, count));
}

/** Without soft taints every node has the best score for them. */
export function constantScore({ weights, softTainted }: PoolState): number {
	return softTainted === 0 ? 100 * weights.TaintToleration : 0;
}

/** How full nodes would be, by a rule that is linear, is all that tells them apart: every other score is the same for all. */
export function isByFitAlone({ rules, peerRules, identity, request }: Query, { softTainted, peers, fit }: PoolState): boolean {
	return (
		fit.isLinear &&
		softTainted === 0 &&
		!rules.hasPreferred &&
		request.workspaceNode === undefined &&
		peerRules.preferred.length === 0 &&
		peerRules.softSpread.length === 0 &&
		peers.claimsOn(identity).every(({ required }) => required)
	);
}

function picked(of: Float64Array, feasible: Int32Array, count: number): Float64Array {
	const values = new Float64Array(count);
	for (let at = 0; at < count; at++) values[at] = of[feasible[at] as number] as number;
	return values;
}

/** The largest becomes 100. Changes what it is given, as the others here do. */
function scaled(values: Float64Array): Float64Array {
	let most = 0;
	for (const value of values) if (value > most) most = value;
	for (let at = 0; most > 0 && at < values.length; at++) values[at] = (100 * (values[at] as number)) / most;
	return values;
}

/** None becomes 100, the largest 0. */
function reversed(values: Float64Array): Float64Array {
	scaled(values);
	for (let at = 0; at < values.length; at++) values[at] = 100 - (values[at] as number);
	return values;
}

/** What the request likes and dislikes of others, and others of it: the least liked node becomes 0, the most liked 100. */
function affinityScores(
	{ peerRules, identity }: Query,
	{ peers }: PoolState,
	feasible: Int32Array,
	count: number,
): Float64Array | undefined {
	const claims = peers.claimsOn(identity).filter(({ required, byNode }) => !required && byNode.size > 0);
	if (claims.length === 0 && peerRules.preferred.length === 0) return undefined;
	const terms = [
		...peerRules.preferred.map(({ tally, topology, weight }) => ({ topology, weight, byNode: tally.byNode })),
		...claims.map(({ topology, byNode }) => ({ topology, weight: 1, byNode })),
	];
	const sums = new Float64Array(count);
	for (const { topology, weight, byNode } of terms) {
		const near = topology.sums(byNode);
		const { places } = topology;
		for (let at = 0; at < count; at++) {
			const place = places[feasible[at] as number] as number;
			if (place !== NOWHERE) sums[at] = (sums[at] as number) + weight * (near[place] as number);
		}
	}
	let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (let at = 0; at < count; at++) {
		const sum = sums[at] as number;
		if (sum < least) least = sum;
		if (sum > most) most = sum;
	}
	for (let at = 0; at < count; at++) sums[at] = most > least ? (100 * ((sums[at] as number) - least)) / (most - least) : 0;
	return sums;
}

/** Fewer of the counted sessions near is better, more so in topologies of many places; a node without the labels has 0. */
function spreadScores({ peerRules, rules }: Query, { table }: PoolState, feasible: Int32Array, count: number): Float64Array | undefined {
	const { softSpread } = peerRules;
	if (softSpread.length === 0) return undefined;
	const counted = eligible(rules.matches, softSpread, table.size);
	const sums = new Float64Array(count);
	for (const spread of softSpread) {
		const near = spreadSums(spread, counted);
		const { places } = spread.topology;
		const seen = new Set<number>();
		for (let at = 0; at < count; at++) if (counted[feasible[at] as number] === 1) seen.add(places[feasible[at] as number] as number);
		const weight = Math.log(seen.size + 2);
		for (let at = 0; at < count; at++) {
			const number = feasible[at] as number;
			if (counted[number] === 1)
				sums[at] = (sums[at] as number) + (near[places[number] as number] as number) * weight + (spread.maxSkew - 1);
		}
	}
	let [least, most] = [Number.POSITIVE_INFINITY, 0];
	for (let at = 0; at < count; at++) {
		if (counted[feasible[at] as number] !== 1) continue;
		least = Math.min(least, sums[at] as number);
		most = Math.max(most, sums[at] as number);
	}
	return sums.map((sum, at) => {
		if (counted[feasible[at] as number] !== 1) return 0;
		return most === 0 ? 100 : (100 * (most + least - sum)) / most;
	});
}

function localityScores({ request }: Query, { table }: PoolState, feasible: Int32Array, count: number): Float64Array | undefined {
	const { workspaceNode, workspaceIncarnation } = request;
	if (workspaceNode === undefined) return undefined;
	const number = table.numberOf(workspaceNode);
	const node = number === undefined ? undefined : table.nodes[number];
	if (!node || (workspaceIncarnation !== undefined && workspaceIncarnation !== node.incarnation)) return undefined;
	const at = feasible.subarray(0, count).indexOf(number ?? -1);
	if (at === -1) return undefined;
	const scores = new Float64Array(count);
	scores[at] = 100;
	return scores;
}
