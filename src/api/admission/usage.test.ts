import { describe, expect, test } from "vitest";
import { countOf, increase, totalOf, usageOf } from "./usage.ts";

test.each([
	[{ group: "klaw.sh", plural: "agents" }, { "count/agents.klaw.sh": 1 }],
	[{ group: "rbac.authorization.k8s.io", plural: "roles" }, { "count/roles.rbac.authorization.k8s.io": 1 }],
	[
		{ group: "", plural: "secrets" },
		{ "count/secrets": 1, secrets: 1 },
	],
	[
		{ group: "", plural: "configmaps" },
		{ "count/configmaps": 1, configmaps: 1 },
	],
	[
		{ group: "", plural: "resourcequotas" },
		{ "count/resourcequotas": 1, resourcequotas: 1 },
	],
	[{ group: "", plural: "serviceaccounts" }, { "count/serviceaccounts": 1 }],
])("an object of %j counts as %j", (kind, usage) => {
	expect(countOf(kind)).toEqual(usage);
});

describe("a session", () => {
	const sessions = { group: "klaw.sh", plural: "sessions" };
	const resources = { requests: { cpu: "500m", memory: "1Gi", "example.com/gpu": "1" }, limits: { cpu: "2" } };

	test("is a pod, and what its agent asks for", () => {
		expect(usageOf(sessions, { resources })).toEqual({
			"count/sessions.klaw.sh": 1,
			"count/pods": 1,
			pods: 1,
			cpu: 0.5,
			"requests.cpu": 0.5,
			memory: 1_073_741_824,
			"requests.memory": 1_073_741_824,
			"requests.example.com/gpu": 1,
			"limits.cpu": 2,
		});
	});

	test("asks for nothing once it is over, but is still there", () => {
		expect(usageOf(sessions, { resources, isFinished: true })).toEqual({ "count/sessions.klaw.sh": 1, "count/pods": 1 });
	});
});

test("a total of tenths is what people expect it to be", () => {
	expect(totalOf([{ cpu: 0.1 }, { cpu: 0.2, pods: 1 }])).toEqual({ cpu: 0.3, pods: 1 });
});

test("an update adds what is more than before", () => {
	expect(increase({ cpu: 0.5, memory: 100 }, { cpu: 0.8, memory: 50, pods: 1 })).toEqual({ cpu: 0.3, pods: 1 });
});
