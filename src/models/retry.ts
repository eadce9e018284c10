import type { ModelError } from "./port.ts";

/** Repetitions of a model call after its first try. */
export const RETRIES = 3;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** Added to every delay, up to this share of it, so that sessions cut off together do not come back together. */
const JITTER = 0.25;
/** A provider that asks for more patience than this is not waited for. */
export const LONGEST_RETRY_AFTER_MS = 10 * 60_000;

export interface FailedTry {
	/** 1 for the first try. */
	attempt: number;
	error: Pick<ModelError, "retryable" | "retryAfterMs">;
	/** In [0, 1). */
	random(): number;
}

/**
 * How long to wait before the call is repeated, in milliseconds; `undefined`: it is not repeated. A provider's
 * `Retry-After` is kept even above the cap.
 *
 * @example retryDelay({ attempt: 2, error, random: Math.random }) // 2000 to 2500
 */
export function retryDelay({ attempt, error, random }: FailedTry): number | undefined {
	if (!error.retryable || attempt > RETRIES) return undefined;
	const asked = error.retryAfterMs ?? 0;
	if (asked > LONGEST_RETRY_AFTER_MS) return undefined;
	const backoff = FIRST_DELAY_MS * 2 ** (attempt - 1);
	const jitter = backoff * JITTER * random();
	return Math.round(Math.max(Math.min(backoff + jitter, LONGEST_DELAY_MS), asked > 0 ? asked + jitter : 0));
}
