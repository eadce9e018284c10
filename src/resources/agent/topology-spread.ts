import * as z from "zod";
import { peerSelectorSchema } from "./placement-limits.ts";

/** Kubernetes' constraint, with sessions where Kubernetes has pods. */
export const topologySpreadSchema = z.strictObject({
	maxSkew: z.number().int().min(1).describe("How many more matching sessions one place may have than the place with the fewest"),
	topologyKey: z.string().min(1).max(317).describe("Label of nodes: nodes with the same value are one place"),
	whenUnsatisfiable: z
		.enum(["DoNotSchedule", "ScheduleAnyway"])
		.describe("DoNotSchedule: such a node is left out; ScheduleAnyway: it counts less"),
	labelSelector: peerSelectorSchema.optional().describe("Which sessions are counted; absent: none"),
});
export type TopologySpreadConstraint = z.output<typeof topologySpreadSchema>;
