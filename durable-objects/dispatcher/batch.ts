interface Item {
	change(): unknown;
	/** What is answered, from what the change returned. */
	answer(changed: unknown): unknown;
	resolve(value: unknown): void;
	reject(error: unknown): void;
}

export interface BatchPorts {
	/** Makes a change durable, whole or not at all. @throws what the change throws, with nothing changed */
	commit<T>(change: () => T): T;
	/** Makes several changes and does what follows from them once, after the last one. */
	together<T>(changes: () => T): T;
	/** Runs something when what has arrived meanwhile has been taken in, and so many milliseconds later. */
	soon(run: () => void, ms: number): void;
}

/**
 * While several arrive together, a batch waits so long for more, in milliseconds: what a write costs it costs for all of them.
 * Whoever comes alone does not wait.
 */
const COMPANY_MS = 4;

/**
 * Changes that arrive together are written together. A write to disk takes about as long for one lease as for a hundred, so
 * under load this is what sets how many there can be a second; nobody is answered before the write. What follows from the
 * changes, as a look through everybody who waits, is done once for all of them.
 */
export class Batch {
	readonly #ports: BatchPorts;
	#items: Item[] = [];
	/** How many were written together last. */
	#last = 0;

	constructor(ports: BatchPorts) {
		this.#ports = ports;
	}

	/**
	 * Resolves once the change is written with those that came with it.
	 *
	 * @param answer what it resolves with, worked out in the same commit when all changes have been made; absent: what the
	 * change returned
	 */
	run<T>(change: () => T): Promise<T>;
	run<C, T>(change: () => C, answer: (changed: C) => T): Promise<T>;
	run<C>(change: () => C, answer: (changed: C) => unknown = (changed) => changed): Promise<unknown> {
		const { promise, resolve, reject } = Promise.withResolvers<unknown>();
		if (this.#items.length === 0) this.#ports.soon(() => this.flush(), this.#last > 1 ? COMPANY_MS : 0);
		this.#items.push({ change, answer: (changed) => answer(changed as C), resolve, reject });
		return promise;
	}

	/** Writes what has arrived, for whoever is about to look at it. */
	flush(): void {
		const items = this.#items;
		this.#items = [];
		if (items.length === 0) return;
		this.#last = items.length;
		try {
			const results = this.#commit(items);
			for (const [index, { resolve }] of items.entries()) resolve(results[index]);
		} catch {
			// One of them cannot be: the others must not suffer for it.
			for (const item of items) this.#alone(item);
		}
	}

	#alone(item: Item): void {
		try {
			const [result] = this.#commit([item]);
			item.resolve(result);
		} catch (error) {
			item.reject(error);
		}
	}

	#commit(items: readonly Item[]): unknown[] {
		return this.#ports.commit(() => {
			const changed = this.#ports.together(() => items.map(({ change }) => change()));
			return items.map(({ answer }, index) => answer(changed[index]));
		});
	}
}
