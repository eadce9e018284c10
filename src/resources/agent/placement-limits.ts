import { labelSelectorSchema } from "../label-selector.ts";

/**
 * Terms of one list, and requirements of one term. Kubernetes has no such limit, but there nobody else waits for the scheduler
 * of a stranger's pod: here every term is looked at for each node or each session, at the cost of everybody.
 */
export const MOST_TERMS = 16;

/** Sessions that a term means. */
export const peerSelectorSchema = labelSelectorSchema.refine(
	({ matchLabels = {}, matchExpressions = [] }) => Object.keys(matchLabels).length + matchExpressions.length <= MOST_TERMS,
	`must have at most ${MOST_TERMS} labels and expressions together, since each is looked at for every session of the namespace`,
);
