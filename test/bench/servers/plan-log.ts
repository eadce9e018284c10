import type { Plan } from "./plan.ts";

interface Entry {
	plan: Plan;
	arrivals: number[];
	finished: number;
}

/** The plans of the bench and when their model requests arrived. Moments are those of `monotonicMs`. */
export class PlanLog {
	readonly #entries = new Map<string, Entry>();
	readonly #waiting = new Set<() => void>();

	add(name: string, plan: Plan): Plan {
		this.#entries.set(name, { plan, arrivals: [], finished: 0 });
		return plan;
	}

	plan(name: string): Plan | undefined {
		return this.#entries.get(name)?.plan;
	}

	/** A model request of a plan came in; `last`: it gets the answer that ends the run. */
	arrived(name: string, at: number, last: boolean): void {
		const entry = this.#entry(name);
		entry.arrivals.push(at);
		if (last) entry.finished += 1;
		for (const wake of this.#waiting) wake();
		this.#waiting.clear();
	}

	/** In order. */
	arrivals(name: string): number[] {
		return this.#entry(name).arrivals;
	}

	/** Resolves with the first arrival after a moment, whether it was already or comes. */
	async arrivalAfter(name: string, moment: number): Promise<number> {
		for (;;) {
			const found = this.#entry(name).arrivals.find((at) => at > moment);
			if (found !== undefined) return found;
			await this.#news();
		}
	}

	/** Resolves when so many runs were given their last answer, with the number of those that were. */
	async finished(name: string, times: number): Promise<number> {
		while (this.#entry(name).finished < times) await this.#news();
		return this.#entry(name).finished;
	}

	#entry(name: string): Entry {
		const entry = this.#entries.get(name);
		if (!entry) throw new Error(`There is no plan "${name}".`);
		return entry;
	}

	#news(): Promise<void> {
		return new Promise((resolve) => this.#waiting.add(resolve));
	}
}
