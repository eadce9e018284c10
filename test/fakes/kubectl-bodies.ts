const RBAC = "rbac.authorization.k8s.io/v1";

/** Bodies that kubectl 1.32.4 sent, as base64, with the commands that made it and what they mean. */
export const RECORDED: readonly { command: string; object: unknown; body: string }[] = [
	{
		command: "create namespace team-a",
		object: { apiVersion: "v1", kind: "Namespace", metadata: { name: "team-a" }, spec: {}, status: {} },
		body: "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEh4KFgoGdGVhbS1hEgAaACIAKgAyADgAQgASABoCCgAaACIA",
	},
	{
		command: "create secret generic s --from-literal=password=hunter2",
		object: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, data: { password: "aHVudGVyMg==" } },
		body: "azhzAAoMCgJ2MRIGU2VjcmV0EioKEQoBcxIAGgAiACoAMgA4AEIAEhMKCHBhc3N3b3JkEgdodW50ZXIyGgAaACIA",
	},
	{
		command: "create serviceaccount bot",
		object: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot" } },
		body: "azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSFQoTCgNib3QSABoAIgAqADIAOABCABoAIgA=",
	},
	{
		command: "create quota q --hard=cpu=1,memory=1Gi,pods=2,count/agents.klaw.sh=3 --scopes=BestEffort",
		object: {
			apiVersion: "v1",
			kind: "ResourceQuota",
			metadata: { name: "q" },
			spec: { hard: { cpu: "1", memory: "1Gi", pods: "2", "count/agents.klaw.sh": "3" }, scopes: ["BestEffort"] },
			status: {},
		},
		body: "azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRJqChEKAXESABoAIgAqADIAOABCABJTChsKFGNvdW50L2FnZW50cy5rbGF3LnNoEgMKATMKCgoDY3B1EgMKATEKDwoGbWVtb3J5EgUKAzFHaQoLCgRwb2RzEgMKATISCkJlc3RFZmZvcnQaABoAIgA=",
	},
	{
		command: "create clusterrole cr --verb=get --non-resource-url=/livez,/metrics",
		object: {
			apiVersion: RBAC,
			kind: "ClusterRole",
			metadata: { name: "cr" },
			rules: [{ verbs: ["get"], nonResourceURLs: ["/livez", "/metrics"] }],
		},
		body: "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtDbHVzdGVyUm9sZRItChIKAmNyEgAaACIAKgAyADgAQgASFwoDZ2V0KgYvbGl2ZXoqCC9tZXRyaWNzGgAiAA==",
	},
	{
		command: "create clusterrole agg --aggregation-rule=rbac.example.com/aggregate=true",
		object: {
			apiVersion: RBAC,
			kind: "ClusterRole",
			metadata: { name: "agg" },
			aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "rbac.example.com/aggregate": "true" } }] },
		},
		body: "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtDbHVzdGVyUm9sZRI9ChMKA2FnZxIAGgAiACoAMgA4AEIAGiYKJAoiChpyYmFjLmV4YW1wbGUuY29tL2FnZ3JlZ2F0ZRIEdHJ1ZRoAIgA=",
	},
	{
		command: "create rolebinding rb --clusterrole=view --user=ann --group=devs --serviceaccount=default:bot",
		object: {
			apiVersion: RBAC,
			kind: "RoleBinding",
			metadata: { name: "rb" },
			subjects: [
				{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "ann" },
				{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "devs" },
				{ kind: "ServiceAccount", name: "bot", namespace: "default" },
			],
			roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
		},
		body: "azhzAAorChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEgtSb2xlQmluZGluZxK8AQoSCgJyYhIAGgAiACoAMgA4AEIAEigKBFVzZXISGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8aA2FubiIAEioKBUdyb3VwEhlyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvGgRkZXZzIgASIAoOU2VydmljZUFjY291bnQSABoDYm90IgdkZWZhdWx0Gi4KGXJiYWMuYXV0aG9yaXphdGlvbi5rOHMuaW8SC0NsdXN0ZXJSb2xlGgR2aWV3GgAiAA==",
	},
	{
		command: "create clusterrolebinding crb --clusterrole=admin --user=root",
		object: {
			apiVersion: RBAC,
			kind: "ClusterRoleBinding",
			metadata: { name: "crb" },
			subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "root" }],
			roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
		},
		body: "azhzAAoyChxyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvL3YxEhJDbHVzdGVyUm9sZUJpbmRpbmcScQoTCgNjcmISABoAIgAqADIAOABCABIpCgRVc2VyEhlyYmFjLmF1dGhvcml6YXRpb24uazhzLmlvGgRyb290IgAaLwoZcmJhYy5hdXRob3JpemF0aW9uLms4cy5pbxILQ2x1c3RlclJvbGUaBWFkbWluGgAiAA==",
	},
	{
		command: "create token bot --duration=1h --audience=a --audience=b",
		object: {
			apiVersion: "authentication.k8s.io/v1",
			kind: "TokenRequest",
			metadata: {},
			spec: { audiences: ["a", "b"], expirationSeconds: 3600 },
		},
		body: "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIjChAKABIAGgAiACoAMgA4AEIAEgkKAWEKAWIgkBwaBAoAEgAaACIA",
	},
	{
		command: "create token bot --bound-object-kind=Pod --bound-object-name=p --bound-object-uid=u",
		object: {
			apiVersion: "authentication.k8s.io/v1",
			kind: "TokenRequest",
			metadata: {},
			spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p", uid: "u" } },
		},
		body: "azhzAAooChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESDFRva2VuUmVxdWVzdBIrChAKABIAGgAiACoAMgA4AEIAEhEaDwoDUG9kEgJ2MRoBcCIBdRoECgASABoAIgA=",
	},
	{
		command: "auth can-i get pods/log",
		object: {
			apiVersion: "authorization.k8s.io/v1",
			kind: "SelfSubjectAccessReview",
			metadata: {},
			spec: { resourceAttributes: { namespace: "default", verb: "get", resource: "pods", name: "log" } },
		},
		body: "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSPwoQCgASABoAIgAqADIAOABCABIhCh8KB2RlZmF1bHQSA2dldBoAIgAqBHBvZHMyADoDbG9nGggIABIAGgAgABoAIgA=",
	},
	{
		command: "auth can-i get /livez",
		object: {
			apiVersion: "authorization.k8s.io/v1",
			kind: "SelfSubjectAccessReview",
			metadata: {},
			spec: { nonResourceAttributes: { path: "/livez", verb: "get" } },
		},
		body: "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSLQoQCgASABoAIgAqADIAOABCABIPEg0KBi9saXZlehIDZ2V0GggIABIAGgAgABoAIgA=",
	},
	{
		command: "auth can-i --list",
		object: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", metadata: {}, spec: { namespace: "default" } },
		body: "azhzAAoxChdhdXRob3JpemF0aW9uLms4cy5pby92MRIWU2VsZlN1YmplY3RSdWxlc1JldmlldxIjChAKABIAGgAiACoAMgA4AEIAEgkKB2RlZmF1bHQaBBgAIgAaACIA",
	},
	{
		command: "auth whoami",
		object: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} },
		body: "azhzAAotChhhdXRoZW50aWNhdGlvbi5rOHMuaW8vdjESEVNlbGZTdWJqZWN0UmV2aWV3EhoKEAoAEgAaACIAKgAyADgAQgASBgoECgASABoAIgA=",
	},
	{
		command: "drain n --disable-eviction --grace-period=5",
		object: { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 5 },
		body: "azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxICCAUaACIA",
	},
	{
		command: "create priorityclass low --value=-5 --global-default=true --preemption-policy=Never --description='can wait'",
		object: {
			apiVersion: "scheduling.k8s.io/v1",
			kind: "PriorityClass",
			metadata: { name: "low" },
			value: -5,
			globalDefault: true,
			description: "can wait",
			preemptionPolicy: "Never",
		},
		body: "azhzAAolChRzY2hlZHVsaW5nLms4cy5pby92MRINUHJpb3JpdHlDbGFzcxIzChMKA2xvdxIAGgAiACoAMgA4AEIAEPv//////////wEYASIIY2FuIHdhaXQqBU5ldmVyGgAiAA==",
	},
];
