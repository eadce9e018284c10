import { type Clock, SILENCE_MS, systemClock } from "./stall.ts";

/** What providers do their work with; tests and other hosts hand in their own. */
export interface ModelIo {
	fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
	clock: Clock;
	/** Longest silence of a provider, in milliseconds. */
	silenceMs: number;
}

export const defaultIo: ModelIo = {
	// workerd refuses a fetch that is called on another object than globalThis.
	fetch: (input, init) => globalThis.fetch(input, init),
	clock: systemClock,
	silenceMs: SILENCE_MS,
};
