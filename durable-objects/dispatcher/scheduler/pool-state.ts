import { FitScore } from "./fit-score.ts";
import { NodeChanges } from "./node-changes.ts";
import { NodeTable } from "./node-table.ts";
import { Nominations } from "./nominations.ts";
import { Peers } from "./peers.ts";
import type { Placement } from "./placements.ts";
import { Queries } from "./query.ts";
import { Sharing } from "./sharing.ts";
import type { SchedulerConfig, ScoreName } from "./types.ts";

/** What filters and scores look at. */
export interface PoolState {
	table: NodeTable;
	sharing: Sharing;
	changes: NodeChanges;
	peers: Peers;
	queries: Queries;
	nominations: Nominations;
	fit: FitScore;
	weights: Readonly<Record<ScoreName, number>>;
	/** How many nodes have a taint PreferNoSchedule. */
	softTainted: number;
	/** How many nodes were given to a namespace for good. */
	bound: number;
}

/** @param placed everybody who is placed, whenever it is asked */
export function emptyState({ scoringStrategy, weights }: SchedulerConfig, placed: () => Iterable<Placement>): PoolState {
	const table = new NodeTable();
	const peers: Peers = new Peers(
		() => table.nodes,
		() => Array.from(placed(), ({ query, number }) => ({ identity: query.identity, request: query.request, number })),
		() => {
			for (const { query } of placed()) query.identity = peers.identityOf(query.request);
		},
	);
	return {
		...{ table, peers, weights, softTainted: 0, bound: 0 },
		...{ sharing: new Sharing(), changes: new NodeChanges(), nominations: new Nominations() },
		...{ queries: new Queries(peers), fit: new FitScore(scoringStrategy) },
	};
}
