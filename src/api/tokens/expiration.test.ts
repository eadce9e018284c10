import { expect, test } from "vitest";
import { ApiError } from "../status.ts";
import { expirationOf } from "./expiration.ts";

function refusal(seconds: number): unknown {
	try {
		return expirationOf(seconds);
	} catch (error) {
		return error instanceof ApiError ? error.status : error;
	}
}

test("a token is good for an hour unless it is asked otherwise", () => {
	expect(expirationOf()).toEqual({ seconds: 3600, warnings: [] });
	expect(expirationOf(600)).toEqual({ seconds: 600, warnings: [] });
	expect(expirationOf(7_776_000)).toEqual({ seconds: 7_776_000, warnings: [] });
});

test("more than 90 days are shortened with a warning", () => {
	expect(expirationOf(7_776_001)).toEqual({
		seconds: 7_776_000,
		warnings: ["requested expiration of 7776001 seconds shortened to 7776000 seconds"],
	});
});

test("less than ten minutes are refused in Kubernetes' words", () => {
	expect(refusal(599)).toMatchObject({
		code: 422,
		message:
			'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
		details: { causes: [{ field: "spec.expirationSeconds" }] },
	});
	expect(refusal(2 ** 32 + 1)).toMatchObject({ code: 422, message: expect.stringContaining("larger than 2^32 seconds") });
});
