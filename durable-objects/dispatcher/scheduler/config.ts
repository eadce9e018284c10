import type { SchedulerConfig, ScoreName } from "./types.ts";

/** kube-scheduler's weights of the same plugins; klaw's own {@link ScoreName} WorkspaceLocality counts as much as a taint. */
export const DEFAULT_WEIGHTS: Readonly<Record<ScoreName, number>> = {
	NodeResourcesFit: 1,
	NodeAffinity: 2,
	SessionAffinity: 2,
	PodTopologySpread: 2,
	TaintToleration: 3,
	WorkspaceLocality: 3,
};

export const DEFAULT_CONFIG: SchedulerConfig = { scoringStrategy: { type: "MostAllocated" }, weights: DEFAULT_WEIGHTS };
