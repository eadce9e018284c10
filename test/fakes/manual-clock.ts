/** A clock that stands still until a test turns it. */
export class ManualClock {
	#now = 0;
	#timers: { at: number; callback: () => void }[] = [];

	now = (): number => this.#now;

	after = (ms: number, callback: () => void): (() => void) => {
		const timer = { at: this.#now + ms, callback };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	};

	/** Timers that have not fired and were not called off. */
	get pending(): number {
		return this.#timers.length;
	}

	/** Goes on by so many milliseconds; timers fire at their own times, in order. */
	turn(ms: number): void {
		const end = this.#now + ms;
		for (;;) {
			const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
			if (!next) break;
			this.#timers = this.#timers.filter((timer) => timer !== next);
			this.#now = next.at;
			next.callback();
		}
		this.#now = end;
	}
}
