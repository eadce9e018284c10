/** Runs what belongs to one key one after the other, and what belongs to different keys side by side. */
export class Lanes {
	readonly #tails = new Map<string, Promise<unknown>>();

	busy(key: string): boolean {
		return this.#tails.has(key);
	}

	/** Runs `job` when everything that came before under `key` has ended, however it ended. */
	run<T>(key: string, job: () => Promise<T>): Promise<T> {
		const before = this.#tails.get(key);
		const mine = before ? before.then(job, job) : job();
		this.#tails.set(key, mine);
		const leave = () => {
			if (this.#tails.get(key) === mine) this.#tails.delete(key);
		};
		mine.then(leave, leave);
		return mine;
	}

	/** Resolves when nothing is under way under `key`. */
	async settled(key: string): Promise<void> {
		for (let tail = this.#tails.get(key); tail; tail = this.#tails.get(key)) await tail.catch(() => undefined);
	}
}
