/** Denied requests of one user that are recorded in a minute; whatever is more is counted. */
const A_MINUTE = 60;
const MINUTE_MS = 60_000;
/** Users whose denials are counted at a time. */
const USERS = 1_000;

interface Count {
	since: number;
	recorded: number;
	passedOver: number;
}

/** Keeps a user who asks for what they may not have, again and again, from pushing everything else out of the audit log. */
export class DenialLimit {
	readonly #counts = new Map<string, Count>();

	/**
	 * @returns whether to record a denial, and how many before it were not recorded
	 * @param now milliseconds since the epoch
	 */
	take(user: string, now: number): { record: boolean; passedOver: number } {
		const known = this.#counts.get(user);
		if (known && now - known.since < MINUTE_MS) {
			if (known.recorded >= A_MINUTE) {
				known.passedOver++;
				return { record: false, passedOver: 0 };
			}
			known.recorded++;
			return { record: true, passedOver: 0 };
		}
		// The oldest first: a map keeps the order in which its keys came.
		this.#counts.delete(user);
		for (const [oldest] of this.#counts) if (this.#counts.size >= USERS) this.#counts.delete(oldest);
		this.#counts.set(user, { since: now, recorded: 1, passedOver: 0 });
		return { record: true, passedOver: known?.passedOver ?? 0 };
	}
}
