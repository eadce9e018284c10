import { failure, type Status } from "./status.ts";

/** Whoever is refused for now may try again after this long. */
const RETRY_AFTER_S = 1;
const OVERLOADED_RETRY_AFTER_S = 5;

/**
 * Calls a Durable Object with a request that may be repeated. A stub that broke stays broken, so the one repetition gets
 * a new stub; an overloaded object is left alone.
 *
 * @example await callTwice(() => env.SESSION.getByName(name), (session) => session.cancel({ by, reason }))
 */
export async function callTwice<Stub, T>(stub: () => Stub, call: (stub: Stub) => Promise<T>): Promise<T> {
	try {
		return await call(stub());
	} catch (error) {
		const { retryable, overloaded, reset } = flagsOf(error);
		if (overloaded || !(retryable || reset)) throw error;
		return call(stub());
	}
}

/** Why a call to a Durable Object failed, for the client. `what` is the subject of the sentence: `Session default/x`. */
export function statusOfFailedCall(error: unknown, what: string): Status {
	const { retryable, overloaded, reset, code, message } = flagsOf(error);
	if (overloaded) {
		const text = `${what} has more requests than it can take. Try again in ${OVERLOADED_RETRY_AFTER_S} seconds.`;
		return failure("TooManyRequests", text, { retryAfterSeconds: OVERLOADED_RETRY_AFTER_S });
	}
	if (retryable || reset) {
		// An error with a code is klaw's own, and its message is meant for people.
		const text = code === undefined ? `${what} could not be reached. Try again in a moment.` : message;
		return failure("ServiceUnavailable", text, { retryAfterSeconds: RETRY_AFTER_S });
	}
	return failure("InternalError", `${what} failed to answer. The deployment's log has the details.`);
}

function flagsOf(error: unknown) {
	const flag = (name: string): unknown => (typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined);
	const code = flag("code");
	return {
		retryable: flag("retryable") === true,
		overloaded: flag("overloaded") === true,
		reset: flag("durableObjectReset") === true,
		code: typeof code === "string" ? code : undefined,
		message: error instanceof Error ? error.message : String(error),
	};
}
