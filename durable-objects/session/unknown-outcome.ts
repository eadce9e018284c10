/**
 * What the model is told of a call that nobody can know the end of.
 *
 * @param why a clause
 * @param ranMs from its start to now, as far as it is known
 */
export function unknownOutcome(why: string, ranMs?: number): string {
	const when = ranMs === undefined ? "" : `, ${duration(ranMs)} after it began`;
	return `outcome unknown: ${why}${when}. It may have taken effect wholly, in part or not at all, and it was not repeated. Look before you do it again.`;
}

/** `340 ms`, `2.4 s`, `75 s`. */
function duration(ms: number): string {
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	return `${ms < 10_000 ? (ms / 1_000).toFixed(1) : Math.round(ms / 1_000)} s`;
}
