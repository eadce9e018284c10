import { countsItself, type PeerTerm, type Spread } from "./peer-rules.ts";
import type { Claim } from "./peers.ts";
import type { PoolState } from "./pool-state.ts";
import type { Query } from "./query.ts";
import { AFFINITY, ANTI_AFFINITY, EXISTING_ANTI_AFFINITY, type Refusal, SPREAD, SPREAD_LABEL } from "./reasons.ts";
import { NOWHERE, type Topology } from "./topology.ts";

/** What the numbers of {@link peerRefusals} mean; 0: nothing is wrong. */
export const PEER_REFUSALS: readonly (Refusal | undefined)[] = [
	undefined,
	AFFINITY,
	ANTI_AFFINITY,
	EXISTING_ANTI_AFFINITY,
	SPREAD_LABEL,
	SPREAD,
];

/**
 * What sessions elsewhere have against each node, as the number of the first of {@link PEER_REFUSALS}; `undefined` when
 * nobody's affinity or spreading has to do with the request.
 */
export function peerRefusals(query: Query, state: PoolState): Uint8Array | undefined {
	const { peerRules, identity, rules } = query;
	const claims = claimsAgainst(query, state);
	const { affinity, antiAffinity, hardSpread } = peerRules;
	if (!asksOfPeers(query) && claims.length === 0) return undefined;
	const { size } = state.table;
	const refused = new Uint8Array(size);
	if (affinity) requireNear(refused, affinity.topologies, affinity.tally.byNode, countsItself(affinity.tally, identity));
	for (const { tally, topology } of antiAffinity) refuseNear(refused, topology, tally.byNode, 2);
	for (const { topology, byNode } of claims) refuseNear(refused, topology, byNode, 3);
	if (hardSpread.length > 0) {
		const counted = eligible(rules.matches, hardSpread, size);
		for (const spread of hardSpread) refuseSkewed(refused, spread, counted, countsItself(spread.tally, identity) ? 1 : 0);
	}
	return refused;
}

/** Where sessions are matters to whether a node will do. */
export function dependsOnPeers(query: Query, state: PoolState): boolean {
	return asksOfPeers(query) || claimsAgainst(query, state).length > 0;
}

function asksOfPeers({ peerRules: { affinity, antiAffinity, hardSpread } }: Query): boolean {
	return affinity !== undefined || antiAffinity.length > 0 || hardSpread.length > 0;
}

function claimsAgainst({ identity }: Query, { peers }: PoolState): Claim[] {
	return peers.claimsOn(identity).filter(({ required, byNode }) => required && byNode.size > 0);
}

/** Some session that is meant is near by each of the labels; or the request is itself meant and the first of its kind. */
function requireNear(refused: Uint8Array, topologies: readonly Topology[], byNode: ReadonlyMap<number, number>, itself: boolean): void {
	const near = topologies.map((topology) => ({ places: topology.places, sums: topology.sums(byNode) }));
	const first = itself && !near.some(({ sums }) => sums.some((sum) => sum > 0));
	for (let number = 0; number < refused.length; number++) {
		for (const { places, sums } of near) {
			const place = places[number] as number;
			if (place === NOWHERE || (!first && sums[place] === 0)) refused[number] = 1;
		}
	}
}

function refuseNear(refused: Uint8Array, topology: Topology, byNode: ReadonlyMap<number, number>, code: number): void {
	const { places } = topology;
	const sums = topology.sums(byNode);
	for (let number = 0; number < refused.length; number++) {
		const place = places[number] as number;
		if (refused[number] === 0 && place !== NOWHERE && (sums[place] as number) > 0) refused[number] = code;
	}
}

/** Nodes whose sessions are counted: those that the request may be on by its node affinity, with every label it is spread by. */
export function eligible(matches: Uint8Array, spreads: readonly PeerTerm[], size: number): Uint8Array {
	const counted = matches.slice(0, size);
	for (const { topology } of spreads)
		for (let number = 0; number < size; number++) if (topology.places[number] === NOWHERE) counted[number] = 0;
	return counted;
}

/** Sums by place over the nodes that are counted; places without such a node are NaN. */
export function spreadSums({ tally, topology }: PeerTerm, counted: Uint8Array): Float64Array {
	const sums = new Float64Array(topology.size).fill(Number.NaN);
	for (let number = 0; number < counted.length; number++) if (counted[number] === 1) sums[topology.places[number] as number] = 0;
	for (const [number, count] of tally.byNode)
		if (counted[number] === 1) sums[topology.places[number] as number] = (sums[topology.places[number] as number] as number) + count;
	return sums;
}

function refuseSkewed(refused: Uint8Array, spread: Spread, counted: Uint8Array, itself: number): void {
	const { topology, maxSkew } = spread;
	const sums = spreadSums(spread, counted);
	let least = Number.POSITIVE_INFINITY;
	for (const sum of sums) if (sum < least) least = sum;
	for (let number = 0; number < refused.length; number++) {
		if (refused[number] !== 0) continue;
		const place = topology.places[number] as number;
		if (place === NOWHERE) refused[number] = 4;
		else {
			// A place without a node that counts has no sessions that count.
			const sum = sums[place] as number;
			if ((Number.isNaN(sum) ? 0 : sum) + itself - least > maxSkew) refused[number] = 5;
		}
	}
}
