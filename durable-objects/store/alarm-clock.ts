/** The part of a Durable Object's storage that keeps its one alarm. */
export interface AlarmStorage {
	getAlarm(): Promise<number | null>;
	setAlarm(at: number): Promise<void>;
	deleteAlarm(): Promise<void>;
}

/** The object's one alarm. It knows where the alarm stands, because every move costs a written row. */
export class AlarmClock {
	readonly #storage: AlarmStorage;
	/** Milliseconds since the epoch; `undefined`: not set. */
	#standing: number | undefined;

	constructor(storage: AlarmStorage) {
		this.#storage = storage;
	}

	/** Learns where the stored alarm stands, when the object wakes. */
	async load(): Promise<void> {
		this.#standing = (await this.#storage.getAlarm()) ?? undefined;
	}

	/** It went off: nothing is set any more. */
	wentOff(): void {
		this.#standing = undefined;
	}

	/** Moves it forward to `at`, never back. */
	noLaterThan(at: number): void {
		if (this.#standing === undefined || this.#standing > at) this.set(at);
	}

	/** Sets it to exactly `at`, or puts it away. */
	set(at: number | undefined): void {
		if (at === this.#standing) return;
		this.#standing = at;
		const moved = at === undefined ? this.#storage.deleteAlarm() : this.#storage.setAlarm(at);
		// A failed write resets the object, and the row that the alarm was for goes with it.
		moved.catch((error) => console.error("the alarm could not be moved", error));
	}
}
