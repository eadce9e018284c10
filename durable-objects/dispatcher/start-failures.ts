/** The first pause after names that could not be started; it doubles with each step, up to {@link RETRY_MAX_MS}. */
const RETRY_MIN_MS = 2_000;
export const RETRY_MAX_MS = 300_000;
/** From this step on the pause is as long as it gets. More are not counted: they would only take longer to be forgotten. */
const MOST_STEPS = 1 + Math.ceil(Math.log2(RETRY_MAX_MS / RETRY_MIN_MS));

/** What went wrong with the last names, as it is stored. */
export interface StartFailures {
	/** Steps of the backoff: starts that were under way together and failed are one. */
	count: number;
	/** Why the last one failed, as a sentence. */
	message: string;
	/** No repetition mends it, as far as is known. */
	final: boolean;
	/** No container is started before that, milliseconds since the epoch. */
	notBefore: number;
	/** When the last step was counted, milliseconds since the epoch; absent (an older row): a pause before `notBefore`. */
	at?: number;
}

/** A name that was given up. */
export interface StartFailure {
	/** A sentence. */
	message: string;
	final: boolean;
	/** When the container was ordered, milliseconds since the epoch. */
	orderedAt: number;
}

/**
 * What counts of them by now. Steps are halved for each {@link RETRY_MAX_MS} that has passed since a container might have
 * been started again: a cause that was mended while nobody needed a container is forgotten after 20 minutes at most. While
 * somebody waits none are, since there is a retry at once. What failed in the future was noted by a clock that was wrong.
 */
export function remembered(stored: StartFailures | undefined, now: number): Required<StartFailures> | undefined {
	if (!stored) return undefined;
	const { count, final, notBefore, at = notBefore - pauseAfter(count, final) } = stored;
	const halvings = Math.max(0, Math.floor((now - notBefore) / RETRY_MAX_MS));
	const left = Math.floor(Math.min(count, MOST_STEPS) / 2 ** halvings);
	return left === 0 || at > now ? undefined : { ...stored, count: left, at };
}

/** After one more failure. One that was under way when the last step was counted says nothing new of how long to wait. */
export function withFailure(stored: StartFailures | undefined, { message, final, orderedAt }: StartFailure, now: number): StartFailures {
	const known = remembered(stored, now);
	if (known && orderedAt <= known.at) {
		const notBefore = final && !known.final ? now + RETRY_MAX_MS : known.notBefore;
		return { ...known, message, final: final || known.final, notBefore };
	}
	const count = Math.min((known?.count ?? 0) + 1, MOST_STEPS);
	return { count, message, final, notBefore: now + pauseAfter(count, final), at: now };
}

function pauseAfter(count: number, final: boolean): number {
	return final ? RETRY_MAX_MS : Math.min(RETRY_MIN_MS * 2 ** (count - 1), RETRY_MAX_MS);
}
