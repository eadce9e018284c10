import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionError, isTransient } from "./errors.ts";

const FIRST_DELAY_MS = 200;
/** Short, so that a command goes on within a moment of the server's return. */
const LONGEST_DELAY_MS = 2_000;

/** Milliseconds to wait after the `failures`-th failure in a row, counted from 1, with up to a quarter of jitter. */
export function retryDelay(failures: number, random: () => number = Math.random): number {
	return Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS) * (1 - random() / 4);
}

export interface PersistOptions {
	/** Aborted when it is no use to try again. */
	signal: AbortSignal;
	/** Told of the first failure in a row. */
	onLost?: ((error: Error) => void) | undefined;
	/** Nothing was ever heard of the server: when nobody listens there, that is said at once. */
	firstContact?: boolean;
}

/** What to say of a failure after which the same is tried again. */
export function tryingAgain({ message }: Error): string {
	return `${message}${/[.!?]$/.test(message) ? "" : "."} Trying again.`;
}

/**
 * Repeats what is harmless to repeat until the server is there again.
 *
 * @throws the last failure when it is not transient, or when `signal` is aborted.
 */
export async function persist<T>(attempt: () => Promise<T>, { signal, onLost, firstContact = false }: PersistOptions): Promise<T> {
	for (let failures = 1; ; failures++) {
		try {
			return await attempt();
		} catch (error) {
			if (!(error instanceof Error) || !isTransient(error) || signal.aborted) throw error;
			if (failures === 1 && firstContact && error instanceof ConnectionError && error.refused) throw error;
			if (failures === 1) onLost?.(error);
			await sleep(retryDelay(failures), undefined, { signal }).catch(() => undefined);
			if (signal.aborted) throw error;
		}
	}
}
