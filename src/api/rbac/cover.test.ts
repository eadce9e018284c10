import { expect, test } from "vitest";
import { describeRule, missingRules } from "./cover.ts";
import type { PolicyRule } from "./policy.ts";

const pods: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] };

test.each<[string, PolicyRule[], PolicyRule[], PolicyRule[]]>([
	["the same", [pods], [pods], []],
	["nothing", [pods], [], []],
	["more verbs", [pods], [{ ...pods, verbs: ["get", "list", "watch", "delete"] }], [{ ...pods, verbs: ["watch", "delete"] }]],
	["all verbs", [pods], [{ ...pods, verbs: ["*"] }], [{ ...pods, verbs: ["*"] }]],
	["less than all verbs", [{ ...pods, verbs: ["*"] }], [pods], []],
	[
		"what two rules give together",
		[
			{ ...pods, verbs: ["get"] },
			{ ...pods, verbs: ["list"] },
		],
		[pods],
		[],
	],
	["another group", [pods], [{ ...pods, apiGroups: ["", "klaw.sh"] }], [{ ...pods, apiGroups: ["klaw.sh"] }]],
	["all groups", [pods], [{ ...pods, apiGroups: ["*"] }], [{ ...pods, apiGroups: ["*"] }]],
	["all resources", [pods], [{ ...pods, resources: ["*"] }], [{ ...pods, resources: ["*"] }]],
	["a subresource of all resources", [{ ...pods, resources: ["*"] }], [{ ...pods, resources: ["pods/log"] }], []],
	["a status of */status", [{ ...pods, resources: ["*/status"] }], [{ ...pods, resources: ["pods/status"] }], []],
	[
		"*/status of one status",
		[{ ...pods, resources: ["pods/status"] }],
		[{ ...pods, resources: ["*/status"] }],
		[{ ...pods, resources: ["*/status"] }],
	],
	["one name of all", [pods], [{ ...pods, resourceNames: ["x"] }], []],
	["all names of one", [{ ...pods, resourceNames: ["x"] }], [pods], [pods]],
	["another name", [{ ...pods, resourceNames: ["x"] }], [{ ...pods, resourceNames: ["x", "y"] }], [{ ...pods, resourceNames: ["y"] }]],
	[
		"a path of a prefix",
		[{ verbs: ["get"], nonResourceURLs: ["/api/*"] }],
		[{ verbs: ["get"], nonResourceURLs: ["/api/v1", "/api/v1/*"] }],
		[],
	],
	[
		"a prefix of a path",
		[{ verbs: ["get"], nonResourceURLs: ["/api"] }],
		[{ verbs: ["get"], nonResourceURLs: ["/api*"] }],
		[{ verbs: ["get"], nonResourceURLs: ["/api*"] }],
	],
	[
		"paths, by a rule about resources",
		[{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }],
		[{ verbs: ["get"], nonResourceURLs: ["/x"] }],
		[{ verbs: ["get"], nonResourceURLs: ["/x"] }],
	],
	["resources, by a rule about paths", [{ verbs: ["*"], nonResourceURLs: ["*"] }], [pods], [pods]],
])("whoever holds the rule and wants %s misses the rest", (_, holds, wanted, missing) => {
	expect(missingRules(holds, wanted)).toEqual(missing);
});

test("a rule is printed as in Kubernetes", () => {
	expect(describeRule(pods)).toBe('{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}');
	expect(describeRule({ ...pods, resourceNames: ["x"] })).toBe(
		'{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get" "list"]}',
	);
	expect(describeRule({ verbs: ["get"], nonResourceURLs: ["/x"] })).toBe('{NonResourceURLs:["/x"], Verbs:["get"]}');
});
