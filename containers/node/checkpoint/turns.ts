interface Queue {
	last: Promise<void>;
	/** Everybody who has a turn or waits for one, and is told what it waits for. */
	readonly told: Set<(message: string) => void>;
}

interface Turn {
	workspace: string;
	/** Ends the waiting for a turn. */
	signal: AbortSignal;
	failed(message: string): void;
}

/** One thing at a time in each workspace. */
export class Turns {
	readonly #queues = new Map<string, Queue>();

	/**
	 * Does something when what came before it is done.
	 *
	 * @param act is given what tells everybody in the queue that the store fails
	 * @throws what `act` throws, or what the signal is aborted with before it has begun
	 */
	async take<T>({ workspace, signal, failed }: Turn, act: (turn: { failed(message: string): void }) => Promise<T>): Promise<T> {
		const queue = this.#queues.get(workspace) ?? { last: Promise.resolve(), told: new Set() };
		this.#queues.set(workspace, queue);
		const before = queue.last;
		let done = (): void => undefined;
		const own = new Promise<void>((resolve) => {
			done = resolve;
		});
		queue.last = before.then(() => own);
		// A function of its own, since two turns may be told by the same one.
		const tell = (message: string) => failed(message);
		queue.told.add(tell);
		try {
			await orAborted(before, signal);
			return await act({
				failed: (message) => {
					for (const told of queue.told) told(message);
				},
			});
		} finally {
			done();
			queue.told.delete(tell);
			if (queue.told.size === 0) this.#queues.delete(workspace);
		}
	}

	/** Does something without being told anything. */
	after<T>(workspace: string, act: () => Promise<T>): Promise<T> {
		return this.take({ workspace, signal: new AbortController().signal, failed: () => undefined }, act);
	}
}

async function orAborted(before: Promise<void>, signal: AbortSignal): Promise<void> {
	signal.throwIfAborted();
	let stop = (): void => undefined;
	const aborted = new Promise<void>((resolve) => {
		stop = resolve;
		signal.addEventListener("abort", stop, { once: true });
	});
	await Promise.race([before, aborted]);
	signal.removeEventListener("abort", stop);
	signal.throwIfAborted();
}
