import { describe, expect, test } from "vitest";
import { callTwice, statusOfFailedCall } from "./call.ts";

const error = (flags: object, message = "broken") => Object.assign(new Error(message), flags);

describe("a call that may be repeated", () => {
	test("is repeated once, with a new stub, when the object was reset or lost", async () => {
		for (const flags of [{ retryable: true }, { durableObjectReset: true }]) {
			const stubs: number[] = [];
			const answer = await callTwice(
				() => stubs.push(stubs.length) && stubs.length,
				async (stub) => {
					if (stub === 1) throw error(flags);
					return `answer of stub ${stub}`;
				},
			);
			expect(answer).toBe("answer of stub 2");
		}
	});

	test.each([
		["the object is overloaded", { retryable: true, overloaded: true }],
		["the object's own code threw", { remote: true }],
	])("is not repeated when %s", async (_, flags) => {
		let calls = 0;
		const call = callTwice(
			() => undefined,
			async () => {
				calls++;
				throw error(flags);
			},
		);
		await expect(call).rejects.toThrow("broken");
		expect(calls).toBe(1);
	});

	test("fails when the repetition fails", async () => {
		await expect(
			callTwice(
				() => 0,
				() => Promise.reject(error({ retryable: true })),
			),
		).rejects.toThrow("broken");
	});
});

describe("a failed call is told to the client", () => {
	test("as 503 with Retry-After when the object could not be reached", () => {
		expect(statusOfFailedCall(error({ retryable: true }), "Session a/b")).toMatchObject({
			code: 503,
			reason: "ServiceUnavailable",
			message: "Session a/b could not be reached. Try again in a moment.",
			details: { retryAfterSeconds: 1 },
		});
	});

	test("as 429 when the object has too much to do", () => {
		expect(statusOfFailedCall(error({ overloaded: true, retryable: true }), "Namespace a")).toMatchObject({
			code: 429,
			details: { retryAfterSeconds: 5 },
		});
	});

	test("in the object's own words when it gave its error a code", () => {
		const deleting = error({ retryable: true, code: "Deleting" }, "The session a/b is being deleted.");
		expect(statusOfFailedCall(deleting, "Session a/b")).toMatchObject({ code: 503, message: "The session a/b is being deleted." });
	});

	test("as 500 without the cause when nobody foresaw it", () => {
		const status = statusOfFailedCall(error({}, "secret at line 3"), "Session a/b");
		expect(status).toMatchObject({ code: 500, reason: "InternalError" });
		expect(JSON.stringify(status)).not.toContain("secret");
	});
});
