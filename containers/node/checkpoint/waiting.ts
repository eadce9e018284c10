/** A failure is over when none followed it for longer than the longest try and the longest pause take. */
const LASTS_MS = 60_000;

export interface WaitingPorts {
	/** Tells the session what is waited for. @param why absent: nothing fails, it takes its time */
	say(why?: string): void;
	everyMs: number;
	/** Ends what is done at once. */
	leave: AbortSignal;
	/** Ends it as soon as it fails: whoever stops a call does not want to wait, but what goes well is worth its few milliseconds. */
	stop?: AbortSignal;
}

/** What is done under {@link whileWaiting} is given this. */
export interface Patience {
	/** Aborted when it is to end. */
	signal: AbortSignal;
	/** It failed and is tried again. */
	failed(message: string): void;
}

/**
 * Does something that may take long or have to wait for long, and says so at the first failure and from time to time: a session
 * that hears nothing takes the node for dead.
 */
export async function whileWaiting<T>(ports: WaitingPorts, act: (patience: Patience) => Promise<T>): Promise<T> {
	const { say, everyMs, leave, stop } = ports;
	const end = new AbortController();
	// What stopped the command before this began is no wish to end this.
	const stops = stop?.aborted ? undefined : stop;
	let last: { message: string; at: number } | undefined;
	const tell = () => say(last && performance.now() - last.at < LASTS_MS ? last.message : undefined);
	const timer = setInterval(tell, everyMs);
	const left = () => end.abort(leave.reason);
	const stopped = () => {
		if (last) end.abort(stops?.reason);
	};
	if (leave.aborted) left();
	leave.addEventListener("abort", left, { once: true });
	stops?.addEventListener("abort", stopped, { once: true });
	try {
		return await act({
			signal: end.signal,
			failed: (message) => {
				if (!last) say(message);
				last = { message, at: performance.now() };
				if (stops?.aborted) stopped();
			},
		});
	} finally {
		clearInterval(timer);
		leave.removeEventListener("abort", left);
		stops?.removeEventListener("abort", stopped);
	}
}
