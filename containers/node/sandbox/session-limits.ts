import * as z from "zod";

/** Bounds of what a session runs: cores, bytes, processes. */
export const limitsSchema = z.object({
	cpu: z.number().positive().optional(),
	memory: z.number().int().positive().optional(),
	ephemeralStorage: z.number().int().positive().optional(),
	processes: z.number().int().positive().optional(),
});
export type SessionLimits = z.infer<typeof limitsSchema>;
