import { expect, test } from "vitest";
import { admitted, causesIn, headings, printed } from "../test-kind.ts";
import { resourceQuotaKind } from "./kind.ts";

test("amounts are kept in Kubernetes' canonical form", () => {
	const hard = { cpu: "1000m", "requests.memory": "1024Mi", "count/agents.klaw.sh": 5, "klaw.sh/usd": "0.5" };
	expect(admitted(resourceQuotaKind, { spec: { hard } }).spec.hard).toEqual({
		cpu: "1",
		"requests.memory": "1Gi",
		"count/agents.klaw.sh": "5",
		"klaw.sh/usd": "500m",
	});
});

test.each([
	[
		"an unknown resource",
		{ hard: { agents: "1" } },
		'spec.hard[agents] FieldValueInvalid: Invalid value: "agents": must be a standard resource for quota',
	],
	["a name that is none", { hard: { "a/b/c": "1" } }, /^spec\.hard\[a\/b\/c\] FieldValueInvalid: Invalid value: "a\/b\/c": /],
	["half an object", { hard: { pods: "500m" } }, 'spec.hard[pods] FieldValueInvalid: Invalid value: "500m": must be an integer'],
	[
		"no quantity",
		{ hard: { pods: "many" } },
		/^spec\.hard\.pods FieldValueInvalid: Invalid value: "many": quantities must match the regular expression/,
	],
	["an unknown scope", { scopes: ["Weekend"] }, /^spec\.scopes\[0\] FieldValueNotSupported: Unsupported value: "Weekend"/],
])("%s is refused", (_, spec, cause) => {
	const causes = causesIn(resourceQuotaKind, { spec });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

test("columns", () => {
	expect(headings(resourceQuotaKind)).toBe("NAME  REQUEST  LIMIT  AGE");
	const quota = admitted(resourceQuotaKind, {});
	const hard = { pods: "10", "limits.cpu": "2", "count/agents.klaw.sh": "5" };
	expect(printed(resourceQuotaKind, { ...quota, status: { hard, used: { pods: "1", "limits.cpu": "500m" } } })).toBe(
		"x  count/agents.klaw.sh: 0/5, pods: 1/10  limits.cpu: 500m/2  5m",
	);
	expect(printed(resourceQuotaKind, quota)).toBe("x      5m");
});
