import { WAITING_EVERY_MS } from "./checkpoint/protocol.ts";
import { HEARTBEAT_LOST_MS, HEARTBEAT_MS, RESULT_RESEND_MS } from "./protocol.ts";

/** Every interval of the runtime, in milliseconds. Tests shorten them; nobody else should. */
export interface Timing {
	heartbeatMs: number;
	/** Without a word from the server for so long, the runtime dials again. */
	heartbeatLostMs: number;
	resendMs: number;
	/** Upper bound of the first wait before dialling again; doubled each time up to {@link Timing.backoffMaxMs}. */
	backoffFirstMs: number;
	backoffMaxMs: number;
	/** Between SIGTERM and SIGKILL. */
	killGraceMs: number;
	/** Shortest time between two pieces of streamed output. */
	outputMs: number;
	/** How often an acknowledged call is looked at, and how long it is kept for a late repeat. */
	pruneMs: number;
	keepMs: number;
	/** How often the use of the machine is looked at. */
	sampleMs: number;
	/**
	 * How long the store may take to answer: longer than its server waits for it, which says so, and long enough for what is under
	 * way to get through a slow line. What is put again too soon stands in its own way.
	 */
	blobAnswerMs: number;
	/** Upper bound of the first wait before the store is asked again; doubled each time up to {@link Timing.blobRetryMaxMs}. */
	blobRetryFirstMs: number;
	blobRetryMaxMs: number;
	/** How often a session is told that a call of it waits for the store. */
	waitingMs: number;
}

export const TIMING: Timing = {
	heartbeatMs: HEARTBEAT_MS,
	heartbeatLostMs: HEARTBEAT_LOST_MS,
	resendMs: RESULT_RESEND_MS,
	backoffFirstMs: 200,
	backoffMaxMs: 300_000,
	killGraceMs: 2_000,
	outputMs: 100,
	pruneMs: 600_000,
	keepMs: 3_600_000,
	// The resolution of Kubernetes' metrics-server.
	sampleMs: 15_000,
	blobAnswerMs: 90_000,
	blobRetryFirstMs: 200,
	blobRetryMaxMs: 30_000,
	waitingMs: WAITING_EVERY_MS,
};
