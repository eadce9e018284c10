import type { SessionEvent } from "./events.ts";
import { EXEC_WATCH_MS } from "./execs.ts";

/** So many ends are remembered. */
const ENDS = 100;

/**
 * Who asks for a place for a person's command, and what became of it. In memory only: whoever still waits asks again within
 * seconds, and one that has ended is not in the journal's fold any more.
 */
export class ExecAsks {
	readonly #since: number;
	readonly #askedAt = new Map<string, number>();
	readonly #ends = new Map<string, string>();

	constructor(now: number) {
		this.#since = now;
	}

	asked(id: string, now: number): void {
		this.#askedAt.set(id, now);
	}

	/** Nobody has asked for it for long. */
	isQuiet(id: string, now: number): boolean {
		return now - (this.#askedAt.get(id) ?? this.#since) >= EXEC_WATCH_MS;
	}

	/** It has ended, or nobody waits for it: a question that comes late does not open it again. @param why a sentence */
	end(id: string, why = "Nobody waits for the command any more."): void {
		this.#askedAt.delete(id);
		if (this.#ends.has(id)) return;
		this.#ends.set(id, why);
		for (const oldest of this.#ends.keys()) {
			if (this.#ends.size <= ENDS) break;
			this.#ends.delete(oldest);
		}
	}

	/** Why it has ended; absent: it has not. */
	ending(id: string): string | undefined {
		return this.#ends.get(id);
	}

	/** This was journaled. */
	saw(event: SessionEvent): void {
		if (event.type === "exec.closed") this.end(event.id, event.refused ?? event.cut);
	}
}
