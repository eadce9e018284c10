import { describe, expect, test } from "vitest";
import { checkQuotas, type Quota, usedOf } from "./quota.ts";
import { countOf, usageOf } from "./usage.ts";

const agents = { group: "klaw.sh", plural: "agents" };
const sessions = { group: "klaw.sh", plural: "sessions" };
const quota = (hard: Quota["hard"], used: Quota["used"] = {}): Quota => ({ name: "q", hard, used });
const session = (requests: Record<string, string>, limits: Record<string, string> = {}) => {
	const resources = { requests, limits };
	return { kind: sessions, name: "x", adds: usageOf(sessions, { resources }), compute: { container: "agent", resources } };
};

describe("a write that a quota has no room for", () => {
	test("is forbidden in Kubernetes' words", () => {
		const full = quota({ "count/agents.klaw.sh": "5" }, { "count/agents.klaw.sh": 5 });
		expect(checkQuotas([full], { kind: agents, name: "x", adds: countOf(agents) })).toEqual({
			kind: "Status",
			apiVersion: "v1",
			metadata: {},
			status: "Failure",
			message:
				'agents.klaw.sh "x" is forbidden: exceeded quota: q, requested: count/agents.klaw.sh=1, used: count/agents.klaw.sh=5, limited: count/agents.klaw.sh=5',
			reason: "Forbidden",
			details: { name: "x", group: "klaw.sh", kind: "agents" },
			code: 403,
		});
	});

	test("is told all that there is too little of, in order and in the units of the quota", () => {
		const tight = quota(
			{ "requests.memory": "1Gi", pods: "10", "requests.cpu": "1" },
			{ "requests.memory": 2 ** 29, pods: 1, "requests.cpu": 0.7 },
		);
		expect(checkQuotas([tight], session({ cpu: "500m", memory: "768Mi" }))?.message).toBe(
			'sessions.klaw.sh "x" is forbidden: exceeded quota: q, requested: requests.cpu=500m,requests.memory=768Mi, used: requests.cpu=700m,requests.memory=512Mi, limited: requests.cpu=1,requests.memory=1Gi',
		);
	});

	test("is refused by the first of several quotas", () => {
		const request = { kind: agents, name: "x", adds: countOf(agents) };
		const none = { "count/agents.klaw.sh": "0" };
		expect(checkQuotas([quota({ "count/agents.klaw.sh": "9" }), { ...quota(none), name: "b" }, quota(none)], request)?.message).toContain(
			"exceeded quota: b,",
		);
	});
});

describe("a write is admitted", () => {
	test("up to the last of what a quota allows", () => {
		expect(checkQuotas([quota({ cpu: "300m" }, { cpu: 0.1 })], session({ cpu: "200m" }))).toBeUndefined();
		expect(checkQuotas([quota({ cpu: "300m" }, { cpu: 0.1 })], session({ cpu: "201m" }))?.code).toBe(403);
	});

	test("when it asks for nothing of what there is too much of already", () => {
		expect(
			checkQuotas([quota({ pods: "1", "count/agents.klaw.sh": "5" }, { pods: 7 })], { kind: agents, name: "x", adds: countOf(agents) }),
		).toBeUndefined();
	});
});

describe("what a quota limits", () => {
	test("must be stated", () => {
		expect(
			checkQuotas([quota({ "limits.cpu": "9", "limits.memory": "9Gi", "requests.cpu": "9", pods: "9" })], session({ cpu: "1" }))?.message,
		).toBe('sessions.klaw.sh "x" is forbidden: failed quota: q: must specify limits.cpu for: agent; limits.memory for: agent');
	});

	test("must be stated under its short name as well", () => {
		expect(checkQuotas([quota({ cpu: "9", memory: "9Gi" })], session({ memory: "1Gi" }))?.message).toContain("must specify cpu for: agent");
	});

	test("need not be stated if it is no computing resource, or by what is no session", () => {
		expect(checkQuotas([quota({ "limits.ephemeral-storage": "9Gi" })], session({}))).toBeUndefined();
		expect(checkQuotas([quota({ "limits.cpu": "9" })], { kind: agents, name: "x", adds: countOf(agents) })).toBeUndefined();
	});
});

test("a quota shows what is used of each of its limits, also of what there is none", () => {
	expect(usedOf({ pods: "5", "requests.memory": "4Gi", cpu: "2" }, { pods: 2, "requests.memory": 3 * 2 ** 29, "count/pods": 9 })).toEqual({
		pods: "2",
		"requests.memory": "1536Mi",
		cpu: "0",
	});
});
