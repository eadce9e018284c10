import type { FitScore } from "./fit-score.ts";
import type { NodeChanges } from "./node-changes.ts";
import type { NodeTable } from "./node-table.ts";
import type { Nominations } from "./nominations.ts";
import type { Peers } from "./peers.ts";
import type { Queries } from "./query.ts";
import type { Sharing } from "./sharing.ts";
import type { ScoreName } from "./types.ts";

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
}
