/** Frames of a question about what a machine uses, asked for `kubectl top`. */
import * as z from "zod";
import { frame } from "../frame.ts";

const usage = {
	/** Cores, averaged over the window. */
	cpu: z.number().nonnegative(),
	/** Bytes. */
	memory: z.number().int().nonnegative(),
};

export const nodeStatsSchema = z.object({
	/** When the window ended, in milliseconds since the epoch by the node's clock. */
	at: z.number(),
	windowMs: z.number().nonnegative(),
	node: z.object(usage),
	/** Workspaces in which something runs. */
	workspaces: z.array(z.object({ workspace: z.string(), ...usage })),
});
/** What a machine uses: all of it, and the processes of each workspace. */
export type NodeStats = z.infer<typeof nodeStatsSchema>;

export const statsFrames = {
	/** To the node. A node that does not know it does not answer. */
	ask: z.object({ ...frame, type: z.literal("stats") }),
	report: z.object({ ...frame, type: z.literal("stats-report"), stats: nodeStatsSchema }),
};
