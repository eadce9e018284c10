/** What a runtime that listens answers to `GET /ready`: 200 with {@link readySchema}, or 503 with {@link unreadySchema}. */
import * as z from "zod";

/** Port of the runtime in a container. */
export const NODE_PORT = 8080;

export const readySchema = z.object({
	name: z.string(),
	/** Of the machine: a container that was started anew has another. */
	uid: z.string(),
	/** As of the last welcome; absent: there was none. */
	incarnation: z.number().int().nonnegative().optional(),
	version: z.string(),
	/** Of this process, in milliseconds since the epoch. */
	startedAt: z.number(),
});
export type Ready = z.infer<typeof readySchema>;

/** The runtime could not start, and is about to end. */
export const unreadySchema = z.object({
	/** A sentence. */
	message: z.string(),
	/** The last lines of what it said. */
	log: z.array(z.string()),
});
export type Unready = z.infer<typeof unreadySchema>;
