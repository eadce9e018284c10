import { setTimeout as sleep } from "node:timers/promises";
import type { Child } from "./child.ts";

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 10_000;
/** Whoever ran for this long has not failed at its start. */
const STEADY_MS = 30_000;

export interface KeepRunningOptions {
	/** What to call it in a sentence. */
	name: string;
	first: Child;
	start(): Promise<Child>;
	/** Ends the watch; whoever ends the process aborts this before. */
	signal: AbortSignal;
	log(line: string): void;
	/** For tests. */
	clock?: Clock;
}

interface Clock {
	now(): number;
	/** Resolves early when the signal is aborted. */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const realClock: Clock = { now: Date.now, sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined) };

/** Starts a process again whenever it ends, each time later while it keeps ending. Returns the one that runs. */
export function keepRunning(options: KeepRunningOptions): { current(): Child; done: Promise<void> } {
	const { name, signal, log, clock = realClock } = options;
	let child = options.first;
	return { current: () => child, done: watch() };

	async function watch(): Promise<void> {
		let delay = FIRST_DELAY_MS;
		while (!signal.aborted) {
			const since = clock.now();
			const how = await child.ended;
			if (clock.now() - since >= STEADY_MS) delay = FIRST_DELAY_MS;
			// A Ctrl-C at the terminal reaches the child too, maybe before this process has read it.
			await clock.sleep(delay, signal);
			delay = Math.min(delay * 2, LONGEST_DELAY_MS);
			if (signal.aborted) return;
			log(`${name} ended (${how}); starting it again.`);
			child = await options.start().catch((error) => failedChild(error));
		}
	}
}

/** A start that failed counts as a process that ended at once. */
function failedChild(error: unknown): Child {
	return { pid: 0, ended: Promise.resolve(error instanceof Error ? error.message : String(error)), kill: () => undefined };
}
