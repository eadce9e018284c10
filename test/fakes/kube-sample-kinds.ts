import type { FakeKind, FakeObject } from "./kube-api.ts";

const spec = (object: FakeObject) => new Map(Object.entries(object.spec ?? {}));
const status = (object: FakeObject) => new Map(Object.entries(object.status ?? {}));

const objectMeta = { allOf: [{ $ref: "#/components/schemas/io.k8s.ObjectMeta" }], default: {}, description: "Standard object's metadata." };

const AGENT_SCHEMAS = {
	"sh.klaw.v1.Agent": {
		description: "Agent is the declaration of an agent: its model, its instructions and what it may do.",
		type: "object",
		required: ["spec"],
		"x-kubernetes-group-version-kind": [{ group: "klaw.sh", version: "v1", kind: "Agent" }],
		properties: {
			apiVersion: { type: "string", description: "APIVersion defines the versioned schema of this representation of an object." },
			kind: { type: "string", description: "Kind is a string value representing the REST resource this object represents." },
			metadata: objectMeta,
			spec: { allOf: [{ $ref: "#/components/schemas/sh.klaw.v1.AgentSpec" }], default: {}, description: "What is wanted of the agent." },
			status: { type: "object", description: "What is observed.", "x-kubernetes-preserve-unknown-fields": true },
		},
	},
	"sh.klaw.v1.AgentSpec": {
		type: "object",
		description: "AgentSpec is what a user declares.",
		required: ["model", "instructions", "metas"],
		properties: {
			model: {
				type: "string",
				description:
					"Which model answers, as `provider/name`. It is looked up in the ModelRoutes of the namespace, in the order of their weights, and then in the settings of the deployment.",
			},
			instructions: {
				type: "object",
				required: ["soul"],
				properties: { soul: { type: "string" }, from: { type: "array", items: { type: "string" }, description: "Keys of a ConfigMap." } },
			},
			approval: {
				type: "string",
				enum: ["Always", "Never", "OnRisk"],
				default: "Never",
				description: 'When a human is asked.\n\nPossible enum values:\n - `"Always"` asks always\n - `"Never"` never asks',
			},
			limits: { type: "object", additionalProperties: { type: "integer", format: "int32" }, description: "Upper bounds." },
			labels: { type: "object", additionalProperties: { type: "string" } },
			anything: { "x-kubernetes-int-or-string": true, description: "A number or a text." },
			flexible: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
			env: {
				type: "array",
				"x-kubernetes-list-type": "map",
				items: {
					type: "object",
					required: ["name"],
					properties: { name: { type: "string" }, value: { type: "string", description: "The value." } },
				},
				description: "Environment.",
			},
			quantity: { oneOf: [{ type: "string" }, { type: "number" }], description: "An amount." },
			temperature: { type: "number", format: "double" },
			replicas: { type: "integer", format: "int32" },
			paused: { type: "boolean" },
			undescribed: { allOf: [{ $ref: "#/components/schemas/io.k8s.ObjectMeta" }], default: {} },
			metas: {
				type: "array",
				items: { allOf: [{ $ref: "#/components/schemas/io.k8s.ObjectMeta" }], default: {} },
				description: "Several.",
			},
			byName: { type: "object", additionalProperties: { $ref: "#/components/schemas/io.k8s.ObjectMeta" } },
			direct: { $ref: "#/components/schemas/io.k8s.ObjectMeta" },
			lists: { type: "array", items: { type: "array", items: { type: "string" } } },
		},
	},
	"io.k8s.ObjectMeta": {
		type: "object",
		description: "ObjectMeta is metadata that all persisted resources must have.",
		properties: {
			name: { type: "string", description: "Name must be unique within a namespace." },
			labels: { type: "object", additionalProperties: { type: "string" }, description: "Labels." },
			creationTimestamp: { allOf: [{ $ref: "#/components/schemas/io.k8s.Time" }], default: {}, description: "When it was made." },
		},
	},
	"io.k8s.Time": { type: "string", format: "date-time", description: "Time is a wrapper around time.Time." },
};

const AGE = { name: "Age", cell: (): unknown => "5d3h" };

/** Some of klaw's kinds and some of Kubernetes'. */
export const SAMPLE_KINDS: readonly FakeKind[] = [
	{
		group: "",
		version: "v1",
		kind: "ConfigMap",
		plural: "configmaps",
		shortNames: ["cm"],
		namespaced: true,
		columns: [{ name: "Data", cell: (object) => Object.keys(object.data ?? {}).length }, AGE],
	},
	{
		group: "",
		version: "v1",
		kind: "Secret",
		plural: "secrets",
		namespaced: true,
		columns: [{ name: "Type", cell: (object) => object.type }, AGE],
	},
	{
		group: "",
		version: "v1",
		kind: "Namespace",
		plural: "namespaces",
		shortNames: ["ns"],
		namespaced: false,
		columns: [{ name: "Status", cell: () => "Active" }, AGE],
	},
	{
		group: "",
		version: "v1",
		kind: "Node",
		plural: "nodes",
		shortNames: ["no"],
		namespaced: false,
		columns: [{ name: "Status", cell: () => "Ready" }, AGE],
	},
	{
		group: "",
		version: "v1",
		kind: "Pod",
		plural: "pods",
		shortNames: ["po"],
		categories: ["all"],
		namespaced: true,
		columns: [{ name: "Status", cell: (object) => status(object).get("phase") }, AGE],
	},
	{ group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"], namespaced: true, columns: [AGE] },
	{ group: "", version: "v1", kind: "ResourceQuota", plural: "resourcequotas", shortNames: ["quota"], namespaced: true, columns: [AGE] },
	{ group: "", version: "v1", kind: "LimitRange", plural: "limitranges", shortNames: ["limits"], namespaced: true, columns: [AGE] },
	{
		group: "",
		version: "v1",
		kind: "Event",
		plural: "events",
		shortNames: ["ev"],
		namespaced: true,
		columns: [{ name: "Reason", cell: (object) => object.reason }],
	},
	{
		group: "klaw.sh",
		version: "v1",
		kind: "Agent",
		plural: "agents",
		shortNames: ["ag"],
		categories: ["all", "klaw"],
		namespaced: true,
		columns: [
			{ name: "Status", cell: (object) => status(object).get("phase") ?? null },
			{ name: "Model", cell: (object) => spec(object).get("model") ?? "" },
			AGE,
			{ name: "Tools", priority: 1, cell: (object) => spec(object).get("tools") ?? "<none>" },
		],
		schemas: AGENT_SCHEMAS,
	},
	{
		group: "klaw.sh",
		version: "v1",
		kind: "Task",
		plural: "tasks",
		categories: ["all", "klaw"],
		namespaced: true,
		columns: [{ name: "Agent", cell: (object) => spec(object).get("agent") }, AGE],
	},
	{ group: "klaw.sh", version: "v1", kind: "CronTask", plural: "crontasks", namespaced: true, columns: [AGE] },
	{ group: "klaw.sh", version: "v1", kind: "Cluster", plural: "clusters", namespaced: false, verbs: ["get", "list"], columns: [AGE] },
	{ group: "rbac.authorization.k8s.io", version: "v1", kind: "Role", plural: "roles", namespaced: true, columns: [AGE] },
	{ group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole", plural: "clusterroles", namespaced: false, columns: [AGE] },
	{ group: "rbac.authorization.k8s.io", version: "v1", kind: "RoleBinding", plural: "rolebindings", namespaced: true, columns: [AGE] },
	{
		group: "rbac.authorization.k8s.io",
		version: "v1",
		kind: "ClusterRoleBinding",
		plural: "clusterrolebindings",
		namespaced: false,
		columns: [AGE],
	},
	{ group: "metrics.k8s.io", version: "v1beta1", kind: "PodMetrics", plural: "pods", namespaced: true, verbs: ["get", "list"] },
	{ group: "metrics.k8s.io", version: "v1beta1", kind: "NodeMetrics", plural: "nodes", namespaced: false, verbs: ["get", "list"] },
	{
		group: "authorization.k8s.io",
		version: "v1",
		kind: "SelfSubjectAccessReview",
		plural: "selfsubjectaccessreviews",
		namespaced: false,
		verbs: ["create"],
	},
	{
		group: "authorization.k8s.io",
		version: "v1",
		kind: "SelfSubjectRulesReview",
		plural: "selfsubjectrulesreviews",
		namespaced: false,
		verbs: ["create"],
	},
	{
		group: "authentication.k8s.io",
		version: "v1",
		kind: "SelfSubjectReview",
		plural: "selfsubjectreviews",
		namespaced: false,
		verbs: ["create"],
	},
];
