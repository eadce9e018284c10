import { describe, expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { localSubjectAccessReviewKind, selfSubjectAccessReviewKind, subjectAccessReviewKind } from "./access-reviews.ts";
import { auditRecordKind } from "./audit-record.ts";
import { evictionKind } from "./eviction.ts";
import { nodeMetricsKind, podMetricsKind } from "./metrics.ts";
import { selfSubjectRulesReviewKind } from "./rules-review.ts";
import { tokenRequestKind } from "./token-request.ts";

const resourceAttributes = { verb: "get", resource: "agents", namespace: "default" };
const nonResourceAttributes = { verb: "get", path: "/metrics" };

describe("an access review", () => {
	test("asks about a resource or a path", () => {
		expect(causesIn(selfSubjectAccessReviewKind, { spec: { resourceAttributes } })).toEqual([]);
		expect(causesIn(selfSubjectAccessReviewKind, { spec: { nonResourceAttributes } })).toEqual([]);
	});

	test("that asks about neither or both is refused", () => {
		expect(causesIn(selfSubjectAccessReviewKind, { spec: {} })).toEqual([
			"spec.resourceAttributes FieldValueInvalid: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
		]);
		expect(causesIn(selfSubjectAccessReviewKind, { spec: { resourceAttributes, nonResourceAttributes } })).toEqual([
			expect.stringMatching(
				/^spec\.nonResourceAttributes FieldValueInvalid: .*: cannot be specified in combination with resourceAttributes$/,
			),
		]);
	});

	test("about others names one", () => {
		expect(causesIn(subjectAccessReviewKind, { spec: { resourceAttributes, user: "ana" } })).toEqual([]);
		expect(causesIn(subjectAccessReviewKind, { spec: { resourceAttributes } })).toEqual([
			'spec.user FieldValueInvalid: Invalid value: "": at least one of user or group must be specified',
		]);
	});

	test("of a namespace asks about no other", () => {
		const ask = (attributes: object) => causesIn(localSubjectAccessReviewKind, { spec: { user: "ana", ...attributes } });
		expect(ask({ resourceAttributes })).toEqual([]);
		expect(ask({ resourceAttributes: { ...resourceAttributes, namespace: "other" } })).toEqual([
			'spec.resourceAttributes.namespace FieldValueInvalid: Invalid value: "other": must match metadata.namespace',
		]);
		expect(ask({ nonResourceAttributes })).toEqual([
			expect.stringMatching(/^spec\.nonResourceAttributes FieldValueInvalid: .*: disallowed on this kind of request$/),
		]);
	});
});

test("a rules review names a namespace", () => {
	expect(causesIn(selfSubjectRulesReviewKind, { spec: { namespace: "default" } })).toEqual([]);
	expect(causesIn(selfSubjectRulesReviewKind, {})).toEqual(["spec.namespace FieldValueRequired: Required value: no namespace on request"]);
});

test("a token is good for an hour unless it is said", () => {
	expect(admitted(tokenRequestKind, {}).spec).toEqual({ audiences: [], expirationSeconds: 3600 });
	expect(causesIn(tokenRequestKind, { spec: { boundObjectRef: { kind: "Agent" } } })).toEqual([
		expect.stringMatching(/^spec\.boundObjectRef\.kind FieldValueNotSupported: /),
	]);
});

test("an eviction may have options of its deletion", () => {
	expect(causesIn(evictionKind, { deleteOptions: { gracePeriodSeconds: 0, preconditions: { uid: "u" } } })).toEqual([]);
	expect(causesIn(evictionKind, { deleteOptions: { gracePeriodSeconds: -1 } })).toEqual([
		expect.stringMatching(/^deleteOptions\.gracePeriodSeconds FieldValueInvalid: /),
	]);
});

test("columns of metrics", () => {
	const measured = { timestamp: "2026-11-22T08:00:00Z", window: "30s" };
	const usage = { cpu: "250m", memory: "128Mi" };
	expect(headings(nodeMetricsKind)).toBe("NAME  CPU  MEMORY  WINDOW  AGE");
	expect(printed(nodeMetricsKind, admitted(nodeMetricsKind, { ...measured, usage }))).toBe("x  250m  128Mi  30s  5m");
	expect(headings(podMetricsKind)).toBe("NAME  CPU  MEMORY  WINDOW  AGE");
	expect(printed(podMetricsKind, admitted(podMetricsKind, { ...measured, containers: [{ name: "agent", usage }] }))).toBe(
		"x  250m  128Mi  30s  5m",
	);
});

test("columns of audit records", () => {
	expect(headings(auditRecordKind)).toBe("NAME  USER  VERB  RESOURCE  OBJECT  CODE  AGE");
	const record = admitted(auditRecordKind, {
		user: { username: "ana", groups: [] },
		verb: "create",
		objectRef: { resource: "pods", subresource: "exec", namespace: "default", name: "x" },
		responseStatus: { code: 403, reason: "Forbidden" },
		requestReceivedTimestamp: "2026-11-22T08:00:00.000000Z",
	});
	expect(printed(auditRecordKind, record)).toBe("x  ana  create  pods/exec  x  403  5m  Forbidden");
	const status = { ...record, objectRef: { apiGroup: "klaw.sh", resource: "agents", subresource: "status" } };
	expect(printed(auditRecordKind, status)).toContain("agents.klaw.sh/status  <none>");
});
