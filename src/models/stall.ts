/** Longest silence of a provider, before its first byte and between any two, in milliseconds. */
export const SILENCE_MS = 120_000;

export interface Clock {
	/** Milliseconds. */
	now(): number;
	/** Calls back once after so many milliseconds; the returned function calls it off. */
	after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	after(ms, callback) {
		const timer = setTimeout(callback, ms);
		return () => clearTimeout(timer);
	},
};

/** Why a watched call was aborted. */
export type CallEnd = "cancelled" | "stalled before the first byte" | "stalled";

export interface CallWatch {
	/** Aborted when the caller cancels and when the provider falls silent; aborting it drops the connection. */
	readonly controller: AbortController;
	readonly end: CallEnd | undefined;
	readonly silenceMs: number;
	/** The same bytes, watched. Bytes count, not events: providers send pings and comments while a model thinks. */
	body(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
	/** Settles like `promise`, or rejects at the abort: for what takes no signal. */
	race<T>(promise: Promise<T>): Promise<T>;
	/** To be called when the call is over. */
	close(): void;
}

/** Watches one model call for its caller's signal and for silence. */
export function watchCall(caller: AbortSignal, silenceMs: number, clock: Clock): CallWatch {
	const controller = new AbortController();
	let end: CallEnd | undefined;
	let heard = false;
	let last = clock.now();
	let callOff = clock.after(silenceMs, look);

	function abort(reason: CallEnd): void {
		if (end) return;
		end = reason;
		controller.abort();
	}

	// One timer a call, not one a chunk: it looks back when it fires and sleeps on for the rest.
	function look(): void {
		const rest = last + silenceMs - clock.now();
		if (rest > 0) callOff = clock.after(rest, look);
		else abort(heard ? "stalled" : "stalled before the first byte");
	}

	function onAbort(callback: () => void): void {
		if (controller.signal.aborted) callback();
		else controller.signal.addEventListener("abort", callback, { once: true });
	}

	const cancel = () => abort("cancelled");
	if (caller.aborted) cancel();
	else caller.addEventListener("abort", cancel, { once: true });

	function heardFrom(): void {
		heard = true;
		last = clock.now();
	}

	function body(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
		heardFrom();
		const reader = stream.getReader();
		// Makes a pending read settle; a body that is already broken has nothing more to say.
		onAbort(() => reader.cancel().catch(() => {}));
		return new ReadableStream<Uint8Array>(
			{
				async pull(sink) {
					const { done, value } = await reader.read();
					controller.signal.throwIfAborted();
					heardFrom();
					if (done) sink.close();
					else sink.enqueue(value);
				},
				cancel: (reason) => reader.cancel(reason),
			},
			{ highWaterMark: 0 },
		);
	}

	function race<T>(promise: Promise<T>): Promise<T> {
		return new Promise((resolve, reject) => {
			onAbort(() => reject(controller.signal.reason));
			promise.then(resolve, reject);
		});
	}

	return {
		controller,
		silenceMs,
		get end() {
			return end;
		},
		body,
		race,
		close() {
			callOff();
			caller.removeEventListener("abort", cancel);
		},
	};
}
