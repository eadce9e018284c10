/** A rule that should always hold, and does not. */
export interface Violation {
	/** Which rule, about what: the same violation has the same key. */
	key: string;
	/** A sentence. */
	message: string;
}

/** A violation from when it was first seen. */
export interface Episode extends Violation {
	/** Milliseconds since the epoch. */
	since: number;
}

export interface EpisodeReport extends Episode {
	phase: "began" | "ended";
	/** Milliseconds since the epoch. */
	at: number;
}

/**
 * Turns what is violated now into what is to be said: each violation once when it begins and once when it is over, however
 * often it is looked at between.
 */
export function episodes(
	known: readonly Episode[],
	violations: readonly Violation[],
	now: number,
): { open: Episode[]; reports: EpisodeReport[] } {
	const found = new Map(violations.map((violation) => [violation.key, violation]));
	const before = new Map(known.map((episode) => [episode.key, episode]));
	const open = [...found.values()].map((violation) => before.get(violation.key) ?? { ...violation, since: now });
	const began = open.filter(({ key }) => !before.has(key)).map((episode): EpisodeReport => ({ ...episode, phase: "began", at: now }));
	const ended = known.filter(({ key }) => !found.has(key)).map((episode): EpisodeReport => ({ ...episode, phase: "ended", at: now }));
	return { open, reports: [...began, ...ended] };
}
