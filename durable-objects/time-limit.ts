/** The outcome of some work, or a rejection (`retryable`) when it takes longer than `ms`. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
	const late = () => {
		throw Object.assign(new Error(`no answer within ${ms / 1000} s`), { retryable: true });
	};
	return race(ms, work, late);
}

/** Waits for some work, but no longer than `ms`. */
export async function atMost(ms: number, work: Promise<void>): Promise<void> {
	return race(ms, work, () => undefined);
}

async function race<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
	const { promise, resolve } = Promise.withResolvers<void>();
	// Put away at once: a timer that is left standing keeps the object in memory.
	const timer = setTimeout(resolve, ms);
	try {
		return await Promise.race([work, promise.then(late)]);
	} finally {
		clearTimeout(timer);
	}
}
