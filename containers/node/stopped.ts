/**
 * Why a running call is stopped; the reason of its abort signal. `timeout` and `cancel` end the call, and `message` is
 * what its result says. `detach` means that the runtime itself stops: what can outlive it goes on.
 */
export class Stopped extends Error {
	override readonly name = "Stopped";
	readonly kind: "timeout" | "cancel" | "detach";

	constructor(kind: Stopped["kind"], message: string) {
		super(message);
		this.kind = kind;
	}

	static timeout(ms: number): Stopped {
		return new Stopped("timeout", `timed out after ${ms / 1000} s`);
	}

	static cancel(reason: string): Stopped {
		return new Stopped("cancel", `cancelled: ${reason}`);
	}

	static detach(): Stopped {
		return new Stopped("detach", "the node runtime stops");
	}
}

/**
 * Resolves when the signal is aborted; never rejects.
 *
 * @param signal of an AbortController, not of `AbortSignal.any`: Node keeps those in memory while someone listens
 */
export function whenStopped(signal: AbortSignal): Promise<Stopped> {
	return new Promise((resolve) => {
		const stop = () => resolve(signal.reason instanceof Stopped ? signal.reason : Stopped.cancel(String(signal.reason)));
		if (signal.aborted) stop();
		else signal.addEventListener("abort", stop, { once: true });
	});
}
