/**
 * Wait before try number `attempt` (from 0), in milliseconds: exponential with full jitter, so that the nodes of a
 * server that went away do not come back in step.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, firstMs: number, maxMs: number, random: () => number): number {
	return random() * Math.min(maxMs, firstMs * 2 ** attempt);
}
