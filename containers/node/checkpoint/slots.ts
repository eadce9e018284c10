/** Lets so many do something at once; the others wait in the order in which they came. */
export class Slots {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	/** @throws what `act` throws, or what the signal is aborted with before `act` has begun */
	async use<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
		await this.#take(signal);
		try {
			signal.throwIfAborted();
			return await act();
		} finally {
			this.#release();
		}
	}

	/** A slot goes from hand to hand, so that nobody comes in between. */
	#release(): void {
		const next = this.#waiting.shift();
		if (next) next();
		else this.#free++;
	}

	async #take(signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		if (this.#free > 0) {
			this.#free--;
			return;
		}
		await new Promise<void>((resolve, reject) => {
			const go = () => {
				signal.removeEventListener("abort", leave);
				resolve();
			};
			const leave = () => {
				this.#waiting.splice(this.#waiting.indexOf(go), 1);
				reject(signal.reason);
			};
			this.#waiting.push(go);
			signal.addEventListener("abort", leave, { once: true });
		});
	}
}
