import { describe, expect, test } from "vitest";
import { admitted, CREATED, causesIn, headings, printed } from "../test-kind.ts";
import { instructionsFrom } from "./instructions.ts";
import { agentKind } from "./kind.ts";
import { agentSpecSchema } from "./schema.ts";

test("an agent needs nothing but a name", () => {
	expect(admitted(agentKind, {}).spec).toEqual({
		instructions: "",
		limits: { iterations: 50, deadline: "1h", maxOutputTokens: 8192 },
		resources: { requests: { cpu: "100m", memory: "128Mi" } },
		nodeSelector: {},
		revisionHistoryLimit: 10,
	});
});

test("an agent may say everything", () => {
	const spec = {
		model: "offline/shell",
		instructions: { configMapRef: { name: "coder" } },
		skills: ["review"],
		tools: ["bash", "read"],
		approval: { default: "ask", tools: { read: "allow", bash: "deny" } },
		limits: { iterations: 5, deadline: "90s", maxOutputTokens: 100, tokens: 1000, usd: 0.5 },
		resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "2", memory: "1Gi", "ephemeral-storage": "5Gi" } },
		nodeSelector: { zone: "a" },
		affinity: {
			nodeAffinity: {
				requiredDuringSchedulingIgnoredDuringExecution: {
					nodeSelectorTerms: [{ matchExpressions: [{ key: "gpu", operator: "Exists" }] }],
				},
			},
			sessionAntiAffinity: {
				preferredDuringSchedulingIgnoredDuringExecution: [
					{ weight: 10, sessionAffinityTerm: { labelSelector: { matchLabels: { app: "x" } }, topologyKey: "kubernetes.io/hostname" } },
				],
			},
		},
		tolerations: [{ key: "gpu", operator: "Exists", effect: "NoExecute", tolerationSeconds: 30 }],
		priorityClassName: "high",
		serviceAccountName: "coder",
		revisionHistoryLimit: 3,
	};
	const stored = admitted(agentKind, { spec }).spec;
	expect(stored).toMatchObject({ ...spec, resources: { ...spec.resources, requests: { "ephemeral-storage": "5Gi" } } });
	expect(admitted(agentKind, { spec: stored }).spec, "what was served can be applied again").toEqual(stored);
});

test("requests are the limits unless they are said", () => {
	const { requests } = admitted(agentKind, { spec: { resources: { limits: { cpu: "50m" } } } }).spec.resources;
	expect(requests).toEqual({ cpu: "50m", memory: "128Mi" });
});

test.each([
	["a wrong tool", { tools: ["rm"] }, /^spec\.tools\[0\] FieldValueNotSupported: Unsupported value: "rm": supported values: "bash", /],
	[
		"anti-affinity to the sessions of another namespace",
		{
			affinity: {
				sessionAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", namespaces: ["other"], labelSelector: {} }],
				},
			},
		},
		/^spec\.affinity\.sessionAntiAffinity\.requiredDuringSchedulingIgnoredDuringExecution\[0\]\.namespaces FieldValueForbidden: Forbidden: "other" is another namespace/,
	],
	[
		"affinity to the sessions of another namespace",
		{
			affinity: {
				sessionAffinity: {
					preferredDuringSchedulingIgnoredDuringExecution: [
						{ weight: 1, sessionAffinityTerm: { topologyKey: "zone", namespaces: ["default", "other"], labelSelector: {} } },
					],
				},
			},
		},
		/^spec\.affinity\.sessionAffinity\.preferredDuringSchedulingIgnoredDuringExecution\[0\]\.sessionAffinityTerm\.namespaces FieldValueForbidden: Forbidden: "other" is/,
	],
	[
		"a term with more labels than a scheduler has time for",
		{
			topologySpreadConstraints: [
				{
					...{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" },
					labelSelector: {
						matchLabels: { app: "x" },
						matchExpressions: Array.from({ length: 16 }, (_, n) => ({ key: `k${n}`, operator: "Exists" })),
					},
				},
			],
		},
		/^spec\.topologySpreadConstraints\[0\]\.labelSelector FieldValueInvalid: .*must have at most 16 labels and expressions together/,
	],
	[
		"more terms than a scheduler has time for",
		{
			affinity: {
				sessionAntiAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: Array.from({ length: 17 }, () => ({ topologyKey: "zone", labelSelector: {} })),
				},
			},
		},
		/^spec\.affinity\.sessionAntiAffinity\.requiredDuringSchedulingIgnoredDuringExecution FieldValueInvalid: .*: Too big: expected array to have <=16 items/,
	],
	["a wrong tool to approve", { approval: { tools: { rm: "ask" } } }, /^spec\.approval\.tools\[rm\] FieldValueNotSupported: /],
	[
		"a policy that is none",
		{ approval: { default: "maybe" } },
		'spec.approval.default FieldValueNotSupported: Unsupported value: "maybe": supported values: "allow", "ask", "deny"',
	],
	[
		"requests above their limits",
		{ resources: { requests: { cpu: "2" }, limits: { cpu: "1500m" } } },
		'spec.resources.requests.cpu FieldValueInvalid: Invalid value: "2": must be less than or equal to cpu limit of 1500m',
	],
	[
		"a reference to nothing",
		{ instructions: { configMapRef: {} } },
		"spec.instructions.configMapRef.name FieldValueRequired: Required value: must be a string",
	],
	["instructions that are a number", { instructions: 5 }, /^spec\.instructions FieldValueTypeInvalid: Invalid value: 5/],
	["a budget of nothing", { limits: { usd: 0 } }, /^spec\.limits\.usd FieldValueInvalid: Invalid value: 0/],
	[
		"a toleration of everything that names no operator",
		{ tolerations: [{ effect: "NoSchedule" }] },
		'spec.tolerations[0].operator FieldValueRequired: Required value: operator must be Exists when `key` is empty, which means "match all values and all keys"',
	],
	[
		"a toleration with a value that is not compared",
		{ tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
		"spec.tolerations[0].operator FieldValueInvalid: Invalid value: \"Exists\": value must be empty when `operator` is 'Exists'",
	],
	[
		"seconds of a taint that does not drive away",
		{ tolerations: [{ key: "a", effect: "NoSchedule", tolerationSeconds: 5 }] },
		"spec.tolerations[0].effect FieldValueInvalid: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set",
	],
	[
		"a weight of 0",
		{
			affinity: {
				sessionAffinity: {
					preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, sessionAffinityTerm: { topologyKey: "zone" } }],
				},
			},
		},
		/^spec\.affinity\.sessionAffinity\.preferredDuringSchedulingIgnoredDuringExecution\[0\]\.weight FieldValueInvalid: Invalid value: 0/,
	],
	[
		"a selector without values",
		{
			affinity: {
				sessionAffinity: {
					requiredDuringSchedulingIgnoredDuringExecution: [
						{ topologyKey: "zone", labelSelector: { matchExpressions: [{ key: "a", operator: "In" }] } },
					],
				},
			},
		},
		/matchExpressions\[0\]\.values FieldValueRequired: Required value: must be specified when `operator` is 'In' or 'NotIn'$/,
	],
	["a history of less than nothing", { revisionHistoryLimit: -1 }, /^spec\.revisionHistoryLimit FieldValueInvalid: /],
])("%s is refused", (_, spec, cause) => {
	const causes = causesIn(agentKind, { spec });
	expect(causes).toHaveLength(1);
	expect(causes[0]).toMatch(cause);
});

describe("columns", () => {
	const spec = { model: "offline/shell", tools: ["bash", "read"], skills: ["review"] };
	const status = {
		revision: "abc",
		observedGeneration: 1,
		phase: "Running" as const,
		sessions: 2,
		nodes: ["n1", "n2"],
		lastRun: { phase: "Failed", time: "2026-11-22T08:02:00Z" },
	};

	test("say what the agent does and did last, and under -o wide what it is made of and where it works", () => {
		expect(headings(agentKind)).toBe("NAME  STATUS  MODEL  LAST RUN  AGE");
		expect(headings(agentKind, true)).toBe("NAME  STATUS  MODEL  LAST RUN  AGE  SKILLS  TOOLS  SESSIONS  NODES  REVISION");
	});

	test("of a busy agent", () => {
		const agent = { ...admitted(agentKind, { spec }), status };
		expect(printed(agentKind, agent)).toBe("x  Running  offline/shell  Failed (3m ago)  5m  review  bash,read  2  n1,n2  abc");
	});

	test("of an agent that never ran", () => {
		const agent = { ...admitted(agentKind, {}), status: { revision: "abc", observedGeneration: 1 } };
		expect(printed(agentKind, agent)).toBe("x  Idle  <default>  <none>  5m  <none>  <all>  0  <none>  abc");
		expect(agent.metadata.creationTimestamp).toBe(CREATED);
	});
});

test("instructions of a ConfigMap are its parts in order, and nothing else of it", () => {
	expect(instructionsFrom({ MEMORY: "m", SOUL: "s\n", USER: " ", other: "o", AGENTS: "a" })).toBe("s\n\na\n\nm");
	expect(instructionsFrom({})).toBe("");
});

test("explain says that instructions may be a text, and which tools there are", () => {
	const { instructions, tools } = agentSpecSchema.shape;
	expect(instructions.description).toContain("the system prompt as a text, or configMapRef");
	expect(tools.description).toContain("of bash, read, write, edit, glob, grep, web_fetch; absent: all of them");
});
