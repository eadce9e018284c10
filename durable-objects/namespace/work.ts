import type { AgentSnapshot, SessionIdentity } from "../ports.ts";

/**
 * Something a session is to be told, kept until the session has accepted it. Items of one session are told in order;
 * every one may be told twice.
 */
export type Work =
	| {
			type: "send";
			session: string;
			task: string;
			/** Uid of the task. */
			uid: string;
			identity: SessionIdentity;
			/** The agent as it was when the task was admitted. */
			agent: AgentSnapshot;
	  }
	| { type: "cancel"; session: string; key: string; by: string; reason: string }
	| { type: "remove"; session: string; uid: string };

/** An item in the queue. `id` gives the order. */
export interface QueuedWork {
	id: number;
	work: Work;
	/** How often it was tried in vain. */
	attempts: number;
	/** Not before this time, in milliseconds since the epoch. */
	nextAt: number;
}

/** Key under which a session knows the message of a task. */
export function taskKey(uid: string): string {
	return `task:${uid}`;
}

const FIRST_BACKOFF_MS = 500;
const BACKOFF_CAP_MS = 30_000;

/**
 * How long to wait after `attempts` failures, in milliseconds: 0.5 s doubling up to 30 s, of which a random half is
 * taken so that a healed outage is not met by everything at once. There is no last attempt: an outage uses up nothing.
 */
export function backoff(attempts: number, random: () => number): number {
	const full = Math.min(BACKOFF_CAP_MS, FIRST_BACKOFF_MS * 2 ** Math.min(attempts - 1, 10));
	return Math.round(full * (0.5 + random() / 2));
}
