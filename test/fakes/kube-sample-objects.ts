import type { FakeObject } from "./kube-api.ts";

const RBAC = "rbac.authorization.k8s.io/v1";
const made = "2026-11-20T08:00:00Z";

export function agent(
	name: string,
	more: { labels?: Record<string, string>; spec?: object; status?: object; metadata?: object; namespace?: string } = {},
): FakeObject {
	return {
		apiVersion: "klaw.sh/v1",
		kind: "Agent",
		metadata: {
			name,
			namespace: more.namespace ?? "default",
			uid: `uid-${name}`,
			resourceVersion: "7",
			generation: 2,
			creationTimestamp: made,
			...(more.labels && { labels: more.labels }),
			...more.metadata,
		},
		spec: { model: "offline/shell", instructions: "Be kind.", ...more.spec },
		status: { phase: "Ready", observedGeneration: 2, ...more.status },
	};
}

const event = (name: string, object: { kind: string; name: string }, more: object): FakeObject => ({
	apiVersion: "v1",
	kind: "Event",
	metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "9", creationTimestamp: made },
	involvedObject: { apiVersion: "klaw.sh/v1", namespace: "default", uid: `uid-${object.name}`, ...object },
	source: { component: "agent-controller" },
	type: "Normal",
	reason: "Revised",
	message: "Made revision abc.",
	...more,
});

const core = (kind: string, name: string, more: object, namespace: string | undefined = "default"): FakeObject => ({
	apiVersion: "v1",
	kind,
	metadata: { name, ...(namespace !== "" && { namespace }), uid: `uid-${name}`, resourceVersion: "3", creationTimestamp: made },
	...more,
});

export const SAMPLE_OBJECTS: readonly FakeObject[] = [
	agent("a1", {
		labels: { app: "one", "klaw.sh/tier": "gold" },
		spec: {
			temperature: 0.5,
			tools: "bash,read",
			zero: 0,
			big: 12345678,
			nested: { deep: [1, 2, { x: "y" }], empty: {}, none: null, list: [] },
			text: "first line\nsecond: line\n",
			html: '<a href="x">&</a>',
		},
		status: {
			conditions: [
				{ type: "Ready", status: "True", reason: "Up", message: "All is well", lastTransitionTime: made },
				{ type: "Progressing", status: "False" },
			],
		},
		metadata: {
			annotations: { "klaw.sh/note": "a note", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
			managedFields: [
				{
					manager: "kubectl",
					operation: "Apply",
					apiVersion: "klaw.sh/v1",
					time: made,
					fieldsType: "FieldsV1",
					fieldsV1: { "f:spec": {} },
				},
			],
			ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "c", uid: "u", controller: true }],
			finalizers: ["klaw.sh/sessions"],
		},
	}),
	agent("a2", { labels: { app: "two" }, spec: { model: "a-much-longer/model-name", replicas: 10 }, status: { phase: undefined } }),
	agent("a10", { spec: { model: "multi\nline", replicas: 9 }, status: { phase: "Failed" } }),
	agent("elsewhere", { namespace: "team" }),
	{
		apiVersion: "klaw.sh/v1",
		kind: "Task",
		metadata: { name: "t1", namespace: "default", creationTimestamp: made, resourceVersion: "8" },
		spec: { agent: "a1", prompt: "do it" },
	},
	{ apiVersion: "klaw.sh/v1", kind: "Cluster", metadata: { name: "default", creationTimestamp: made, resourceVersion: "8" }, spec: {} },
	core("ConfigMap", "settings", { data: { SOUL: "Be brief.\nAnd kind.", key: "value", empty: "" }, binaryData: { bin: "AAEC" } }),
	core("ConfigMap", "bare", {}),
	core("Secret", "keys", { type: "Opaque", data: { token: "c2VjcmV0", other: "" } }),
	core("Namespace", "default", { spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } }, ""),
	core("Namespace", "team", { spec: {}, status: { phase: "Active" } }, ""),
	core("ServiceAccount", "robot", {}),
	core(
		"ResourceQuota",
		"quota",
		{
			spec: { hard: { "count/agents.klaw.sh": "5", pods: "10", "requests.cpu": "2", "requests.memory": "1Gi" } },
			status: {
				hard: { "count/agents.klaw.sh": "5", pods: "10", "requests.cpu": "2", "requests.memory": "1Gi" },
				used: { "count/agents.klaw.sh": "2", pods: "0", "requests.cpu": "500m", "requests.memory": "256Mi" },
			},
		},
		"team",
	),
	core(
		"LimitRange",
		"limits",
		{
			spec: {
				limits: [{ type: "Container", default: { cpu: "500m", memory: "512Mi" }, defaultRequest: { cpu: "250m" }, max: { cpu: "2" } }],
			},
		},
		"team",
	),
	core(
		"Node",
		"local",
		{
			metadata: {
				name: "local",
				uid: "uid-local",
				resourceVersion: "3",
				creationTimestamp: made,
				labels: { "kubernetes.io/hostname": "local", "node-role.kubernetes.io/worker": "" },
			},
			spec: { taints: [{ key: "gpu", value: "true", effect: "NoSchedule" }], unschedulable: true },
			status: {
				capacity: { cpu: "2", memory: "8008912Ki", pods: "110" },
				allocatable: { cpu: "2", memory: "7906512Ki", pods: "110" },
				conditions: [
					{ type: "Ready", status: "True", lastHeartbeatTime: made, lastTransitionTime: made, reason: "KubeletReady", message: "ready" },
				],
				addresses: [
					{ type: "InternalIP", address: "10.0.0.1" },
					{ type: "Hostname", address: "local" },
				],
				nodeInfo: {
					machineID: "m",
					systemUUID: "s",
					bootID: "b",
					kernelVersion: "6.1",
					osImage: "Debian",
					containerRuntimeVersion: "klaw://1",
					kubeletVersion: "v1.32.0-klaw.1",
					kubeProxyVersion: "",
					operatingSystem: "linux",
					architecture: "amd64",
				},
			},
		},
		"",
	),
	core("Pod", "s1", {
		metadata: {
			name: "s1",
			namespace: "default",
			uid: "uid-s1",
			resourceVersion: "3",
			creationTimestamp: made,
			labels: { "klaw.sh/agent": "a1" },
			ownerReferences: [{ apiVersion: "klaw.sh/v1", kind: "Agent", name: "a1", uid: "uid-a1", controller: true }],
		},
		spec: {
			nodeName: "local",
			serviceAccountName: "robot",
			restartPolicy: "Always",
			nodeSelector: { gpu: "true" },
			tolerations: [{ key: "gpu", operator: "Exists", effect: "NoSchedule" }],
			containers: [
				{
					name: "session",
					image: "klaw/session",
					command: ["run", "it"],
					args: ["--fast"],
					resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "128Mi" } },
					env: [{ name: "A", value: "b" }],
					ports: [{ containerPort: 80, protocol: "TCP" }],
				},
			],
		},
		status: {
			phase: "Running",
			startTime: made,
			podIP: "10.1.1.1",
			podIPs: [{ ip: "10.1.1.1" }],
			hostIP: "10.0.0.1",
			qosClass: "Burstable",
			conditions: [{ type: "Ready", status: "True" }],
			containerStatuses: [
				{
					name: "session",
					image: "klaw/session",
					imageID: "id",
					containerID: "klaw://x",
					ready: true,
					started: true,
					restartCount: 1,
					state: { running: { startedAt: made } },
					lastState: { terminated: { exitCode: 1, reason: "Error", startedAt: made, finishedAt: made } },
				},
			],
		},
	}),
	core("Pod", "s2", {
		spec: { containers: [{ name: "session", image: "klaw/session" }] },
		status: {
			phase: "Pending",
			reason: "Waiting",
			message: "No node.",
			containerStatuses: [
				{
					name: "session",
					image: "klaw/session",
					imageID: "",
					ready: false,
					restartCount: 0,
					state: { waiting: { reason: "ContainerCreating" } },
				},
			],
		},
	}),
	event("e1", { kind: "Agent", name: "a1" }, { count: 3, firstTimestamp: "2026-11-20T08:00:00Z", lastTimestamp: "2026-11-20T09:00:00Z" }),
	event(
		"e2",
		{ kind: "Agent", name: "a1" },
		{
			type: "Warning",
			reason: "Failed",
			message: "It did not work:\n no node",
			eventTime: "2026-11-21T08:00:00.000000Z",
			source: {},
			reportingComponent: "klaw.sh/controller",
			reportingInstance: "x",
		},
	),
	event(
		"e3",
		{ kind: "Pod", name: "s1" },
		{
			involvedObject: { apiVersion: "v1", kind: "Pod", name: "s1", namespace: "default", uid: "uid-s1" },
			count: 1,
			firstTimestamp: "2026-11-20T08:00:00Z",
			lastTimestamp: "2026-11-20T08:00:00Z",
			reason: "Started",
			message: "Started.",
		},
	),
	{
		apiVersion: RBAC,
		kind: "Role",
		metadata: { name: "reader", namespace: "default", labels: { app: "one" }, creationTimestamp: made },
		rules: [
			{ apiGroups: ["klaw.sh"], resources: ["agents", "tasks"], verbs: ["get", "list"] },
			{ apiGroups: [""], resources: ["secrets"], resourceNames: ["keys"], verbs: ["*"] },
		],
	},
	{
		apiVersion: RBAC,
		kind: "ClusterRole",
		metadata: { name: "view", creationTimestamp: made },
		rules: [
			{ apiGroups: ["*"], resources: ["*"], verbs: ["get"] },
			{ nonResourceURLs: ["/metrics"], verbs: ["get"] },
		],
	},
	{ apiVersion: RBAC, kind: "ClusterRole", metadata: { name: "none", creationTimestamp: made }, rules: null },
	{
		apiVersion: RBAC,
		kind: "RoleBinding",
		metadata: { name: "readers", namespace: "default", creationTimestamp: made },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
		subjects: [
			{ kind: "ServiceAccount", name: "robot", namespace: "default" },
			{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "anna" },
		],
	},
	{
		apiVersion: RBAC,
		kind: "ClusterRoleBinding",
		metadata: { name: "viewers", creationTimestamp: made },
		roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
		subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "staff" }],
	},
];
