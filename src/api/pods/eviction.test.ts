import { describe, expect, it } from "vitest";
import { ApiError } from "../status.ts";
import { readEviction } from "./eviction.ts";

const metadata = { name: "p", namespace: "ns", uid: "u", resourceVersion: "7", creationTimestamp: "2020-01-01T00:00:00Z" };
const EVICTION = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p", namespace: "ns" } };

function refusal(body: unknown): [number, string] {
	try {
		readEviction(body, { metadata });
	} catch (error) {
		if (error instanceof ApiError) return [error.status.code, error.message];
		throw error;
	}
	throw new Error("was read");
}

describe("an eviction", () => {
	it.each([
		["as kubectl drain sends it", { ...EVICTION, deleteOptions: { kind: "DeleteOptions", apiVersion: "v1" } }, false],
		["of the older version", { ...EVICTION, apiVersion: "policy/v1beta1" }, false],
		["that is to do nothing", { ...EVICTION, deleteOptions: { dryRun: ["All"] } }, true],
		["of this very pod", { ...EVICTION, deleteOptions: { preconditions: { uid: "u", resourceVersion: "7" } } }, false],
	])("%s is read", (_, body, dryRun) => {
		expect(readEviction(body, { metadata })).toEqual({ dryRun });
	});

	it.each([
		["nothing", null, 400, "no Eviction"],
		["another kind", { ...EVICTION, kind: "Pod" }, 400, 'The body is "Pod" of "policy/v1".'],
		["another pod's", { ...EVICTION, metadata: { name: "q" } }, 400, "name in URL does not match name in Eviction object"],
		["a bad option", { ...EVICTION, deleteOptions: { gracePeriodSeconds: -1 } }, 422, "deleteOptions.gracePeriodSeconds"],
		[
			"an earlier pod's",
			{ ...EVICTION, deleteOptions: { preconditions: { uid: "old" } } },
			409,
			"the UID in the precondition (old) does not match",
		],
	])("that is %s is refused", (_, body, code, message) => {
		expect(refusal(body)).toEqual([code, expect.stringContaining(message)]);
	});

	it.each([0, 300])("may say that a running call is cut after %d s", (gracePeriodSeconds) => {
		expect(readEviction({ ...EVICTION, deleteOptions: { gracePeriodSeconds } }, { metadata })).toEqual({
			dryRun: false,
			gracePeriodSeconds,
		});
	});
});
