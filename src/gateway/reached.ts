import { statusOfFailedCall } from "../api/call.ts";
import { ApiError } from "../api/status.ts";

/** A call to a Durable Object, `what` it is for the message. @throws ApiError when it cannot be reached or fails */
export async function reached<T>(what: string, call: () => Promise<T>): Promise<T> {
	try {
		return await call();
	} catch (error) {
		console.error(`${what} could not be called`, error);
		throw new ApiError(statusOfFailedCall(error, what));
	}
}
