interface Item {
	change(): unknown;
	resolve(value: unknown): void;
	reject(error: unknown): void;
}

export interface BatchPorts {
	/** Makes a change durable, whole or not at all. @throws what the change throws, with nothing changed */
	commit<T>(change: () => T): T;
	/** Runs something soon, when what has arrived meanwhile has been taken in. */
	soon(run: () => void): void;
}

/**
 * Changes that arrive together are written together. A write to disk takes about as long for one lease as for a hundred, so
 * under load this is what sets how many there can be a second; nobody is answered before the write.
 */
export class Batch {
	readonly #ports: BatchPorts;
	#items: Item[] = [];

	constructor(ports: BatchPorts) {
		this.#ports = ports;
	}

	/** Resolves with what the change returns, once it is written with those that came with it. */
	run<T>(change: () => T): Promise<T> {
		const { promise, resolve, reject } = Promise.withResolvers<unknown>();
		if (this.#items.length === 0) this.#ports.soon(() => this.#flush());
		this.#items.push({ change, resolve, reject });
		return promise as Promise<T>;
	}

	#flush(): void {
		const items = this.#items;
		this.#items = [];
		try {
			const results = this.#ports.commit(() => items.map(({ change }) => change()));
			for (const [index, { resolve }] of items.entries()) resolve(results[index]);
		} catch {
			// One of them cannot be: the others must not suffer for it.
			for (const item of items) this.#alone(item);
		}
	}

	#alone({ change, resolve, reject }: Item): void {
		try {
			resolve(this.#ports.commit(change));
		} catch (error) {
			reject(error);
		}
	}
}
