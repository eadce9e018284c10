/**
 * Followers are left alone this long after they were told something: under many writes they look around once for several
 * of them, and two hundred of them do not take all the time that the writes need. A write after a pause is told at once.
 */
const REST_MS = 10;

/** How often it is looked whether everything is on disk, should nobody tell. */
const SETTLING_MS = 1_000;

/** Tells those who follow the log that there is more of it on disk. Nothing is shown that a crash could take back. */
export class Pulse {
	readonly #sync: () => Promise<void>;
	readonly #newest: () => number;
	#durable: number;
	#syncing = false;
	readonly #waiting = new Set<() => void>();
	/** Until they may be told something again. */
	#rest: Promise<void> = Promise.resolve();

	/** `newest` is the number of the newest change, `sync` resolves when everything written so far is on disk. */
	constructor(newest: () => number, sync: () => Promise<void>) {
		this.#newest = newest;
		this.#sync = sync;
		this.#durable = newest();
	}

	/** The newest change that is on disk. */
	get durable(): number {
		return this.#durable;
	}

	/** Something was committed. One wait for the disk serves all that was written meanwhile. */
	async committed(): Promise<void> {
		if (this.#syncing) return;
		this.#syncing = true;
		try {
			while (this.#durable < this.#newest()) {
				await this.#rest;
				const version = this.#newest();
				await this.#sync();
				this.#durable = version;
				this.#wake();
			}
		} finally {
			this.#syncing = false;
		}
	}

	/** Resolves when everything that was committed so far is on disk, and told. */
	async settled(): Promise<void> {
		const version = this.#newest();
		this.committed().catch(() => undefined);
		while (this.#durable < version) await this.beyond(version - 1, SETTLING_MS, new AbortController().signal);
	}

	/** Ends every wait, for whoever follows to look around. */
	#wake(): void {
		if (this.#waiting.size === 0) return;
		this.#rest = new Promise((resolve) => setTimeout(resolve, REST_MS));
		for (const resolve of this.#waiting) resolve();
		this.#waiting.clear();
	}

	/** Resolves when there is more than `version`, after `ms`, or when `signal` is aborted. */
	async beyond(version: number, ms: number, signal: AbortSignal): Promise<void> {
		if (this.#durable > version || signal.aborted) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		const stop = () => resolve();
		const timer = setTimeout(stop, ms);
		signal.addEventListener("abort", stop, { once: true });
		this.#waiting.add(stop);
		await promise;
		clearTimeout(timer);
		signal.removeEventListener("abort", stop);
		this.#waiting.delete(stop);
	}
}
