import { NODE_LOST_MS } from "../ports.ts";

/** An alarm that comes so much too late says that this side slept (a suspended laptop, a long deploy), not the machine. */
export const OVERSLEPT_MS = 10_000;
/** Shortest time to the next look at a machine that has just been heard. */
const SOON_MS = 1_000;

/** A joined machine that somebody waits for. */
export interface Watch {
	since: number;
	/** When to look at it next. */
	at: number;
}

export interface Watched {
	now: number;
	since: number;
	/** When it was last heard; 0: not in this object's memory. */
	heardAt: number;
	connected: boolean;
	/** It was given calls that are not answered. */
	busy: boolean;
}

/** `rest`: nobody waits for it, no alarm is needed. */
export type LossStep = { do: "lost" } | { do: "watch"; watch: Watch } | { do: "rest" };

/** From now on somebody waits for the machine. */
export function watchFrom(now: number): Watch {
	return { since: now, at: now + NODE_LOST_MS };
}

/**
 * What to think of a joined machine when its alarm goes off. It is lost {@link NODE_LOST_MS} after it was last heard, or after
 * the wait for it began, whichever was later.
 */
export function lossStep({ now, since, heardAt, connected, busy }: Watched): LossStep {
	const due = Math.max(since, heardAt) + NODE_LOST_MS;
	if (connected && !busy) return { do: "rest" };
	if (now < due) return { do: "watch", watch: { since, at: Math.max(due, now + SOON_MS) } };
	if (now - due > OVERSLEPT_MS) return { do: "watch", watch: watchFrom(now) };
	return { do: "lost" };
}
