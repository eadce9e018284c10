import { describe, expect, test } from "vitest";
import { localSubjectAccessReviewKind, selfSubjectAccessReviewKind, subjectAccessReviewKind } from "../resources/virtual/access-reviews.ts";
import { selfSubjectRulesReviewKind } from "../resources/virtual/rules-review.ts";
import { answered, attributesIn, readReview, statusOf } from "./review.ts";

const resourceAttributes = { namespace: "a", verb: "get", resource: "pods", subresource: "log", name: "p" };

test("a question comes as clients send it, with empty metadata and status", () => {
	const body = {
		kind: "SelfSubjectAccessReview",
		apiVersion: "authorization.k8s.io/v1",
		metadata: { creationTimestamp: null },
		spec: { resourceAttributes, nonResourceAttributes: null },
		status: { allowed: false },
	};
	const { spec } = readReview(selfSubjectAccessReviewKind, body);
	expect(attributesIn(spec)).toEqual({ verb: "get", group: "", resource: "pods/log", namespace: "a", name: "p" });
});

test("a namespace that could not be has no roles of its own", () => {
	expect(attributesIn({ resourceAttributes: { ...resourceAttributes, namespace: "a/b" } }).namespace).toBe("");
});

test("an answer is shaped as a review and has a reason where there is one", () => {
	expect(answered(selfSubjectAccessReviewKind, { status: statusOf({ allowed: true, reason: "because" }) })).toEqual({
		kind: "SelfSubjectAccessReview",
		apiVersion: "authorization.k8s.io/v1",
		metadata: { creationTimestamp: null },
		status: { allowed: true, reason: "because" },
	});
	expect(statusOf({ allowed: false, reason: "" })).toEqual({ allowed: false });
});

describe("a question that makes no sense is refused", () => {
	test.each([
		["no object", selfSubjectAccessReviewKind, [], 400, "not an object"],
		["another kind", selfSubjectAccessReviewKind, { kind: "Pod" }, 400, "this URL takes a SelfSubjectAccessReview"],
		[
			"nothing asked",
			selfSubjectAccessReviewKind,
			{ spec: {} },
			422,
			"exactly one of nonResourceAttributes or resourceAttributes must be specified",
		],
		["an unknown field", selfSubjectAccessReviewKind, { spec: { resourceAttributes, who: "x" } }, 422, 'unknown field "spec.who"'],
		["about nobody", subjectAccessReviewKind, { spec: { resourceAttributes } }, 422, "at least one of user or group must be specified"],
		["no namespace", selfSubjectRulesReviewKind, { spec: {} }, 422, "no namespace on request"],
	])("%s", (_, kind, body, code, message) => {
		expect(() => readReview(kind as typeof subjectAccessReviewKind, body)).toThrow(
			expect.objectContaining({ status: expect.objectContaining({ code, message: expect.stringContaining(message) }) }),
		);
	});

	test("about another namespace than the one it is sent to", () => {
		const body = { spec: { user: "jane", resourceAttributes } };
		expect(readReview(localSubjectAccessReviewKind, body, "a").spec.user).toBe("jane");
		expect(() => readReview(localSubjectAccessReviewKind, body, "b")).toThrow("must match metadata.namespace");
	});
});
