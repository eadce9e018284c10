import { describe, expect, it } from "vitest";
import type { Session } from "../../resources/session/kind.ts";
import { ApiError } from "../status.ts";
import { givesUpFiles, readEviction } from "./eviction.ts";

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
		["as kubectl drain sends it", { ...EVICTION, deleteOptions: { kind: "DeleteOptions", apiVersion: "v1" } }, [], false],
		["of the older version", { ...EVICTION, apiVersion: "policy/v1beta1" }, [], false],
		["that is to do nothing", { ...EVICTION, deleteOptions: { dryRun: ["All"] } }, ["All"], false],
		["of this very pod", { ...EVICTION, deleteOptions: { preconditions: { uid: "u", resourceVersion: "7" } } }, [], true],
	])("%s is read", (_, body, dryRun, seen) => {
		expect(readEviction(body, { metadata })).toEqual({ dryRun, seen });
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
			...{ dryRun: [], seen: false },
			gracePeriodSeconds,
		});
	});
});

describe("files that are in no checkpoint", () => {
	const since = "2026-11-22T08:00:00Z";
	const session = (workspaceNode?: string): Session => {
		const conditions = [{ type: "Checkpointed", status: "False" as const, reason: "OverCeiling", message: "", lastTransitionTime: since }];
		const files = workspaceNode === undefined ? {} : { workspaceNode, conditions };
		return { apiVersion: "klaw.sh/v1", kind: "Session", metadata, spec: {}, status: { phase: "Idle", ...files } };
	};
	const later = (ms: number) => Date.parse(since) + ms;

	it("are not given up where there are none", () => {
		expect(givesUpFiles(session(), { seen: false }, later(0))).toBe(false);
	});

	it("are given up by whoever knows the pod as it is, at once", () => {
		expect(givesUpFiles(session("n"), { seen: true }, later(0))).toBe(true);
	});

	it("are given up by whoever had the time to see them", () => {
		expect(givesUpFiles(session("n"), { seen: false }, later(30_000))).toBe(true);
	});

	it("are not given up by whoever may have listed the pods before there were any", () => {
		const evict = () => givesUpFiles(session("n"), { seen: false }, later(28_500));
		expect(evict).toThrow('Operation cannot be fulfilled on pods "p": since a moment ago it has files that are in no checkpoint');
		expect(evict).toThrow("evict it in 2s, or at once with its resourceVersion as a precondition");
	});
});
