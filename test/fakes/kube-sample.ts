import type { ApiReply, ApiRequest } from "./api-server.ts";
import { FakeKubeApi } from "./kube-api.ts";
import { SAMPLE_KINDS } from "./kube-sample-kinds.ts";
import { agent, SAMPLE_OBJECTS } from "./kube-sample-objects.ts";

const METRICS = "metrics.k8s.io/v1beta1";
const METRICS_PATH = `/apis/${METRICS}`;

const podMetrics = (name: string, cpu: string, memory: string) => ({
	kind: "PodMetrics",
	apiVersion: METRICS,
	metadata: { name, namespace: "default", creationTimestamp: null },
	timestamp: "2026-11-20T08:00:00Z",
	window: "30s",
	containers: [{ name: "session", usage: { cpu, memory } }],
});
const PODS = [podMetrics("s1", "250m", "64Mi"), podMetrics("s2", "1500000n", "1Gi")];
const LOCAL = {
	kind: "NodeMetrics",
	apiVersion: METRICS,
	metadata: { name: "local", creationTimestamp: null },
	timestamp: "2026-11-20T08:00:00Z",
	window: "30s",
	usage: { cpu: "500m", memory: "2Gi" },
};
const list = (kind: string, items: unknown[]): ApiReply => ({ json: { kind, apiVersion: METRICS, metadata: {}, items } });

/** kubectl asks in protobuf, in which texts stand as they are. */
const asks = ({ body }: ApiRequest, verb: string) =>
	new RegExp(`\\b${verb}\\b`).test(typeof body === "string" ? body : JSON.stringify(body));

const REPLIES: FakeKubeApi["replies"] = {
	[`GET ${METRICS_PATH}/pods`]: list("PodMetricsList", PODS),
	[`GET ${METRICS_PATH}/namespaces/default/pods`]: list("PodMetricsList", PODS),
	[`GET ${METRICS_PATH}/namespaces/team/pods`]: list("PodMetricsList", []),
	[`GET ${METRICS_PATH}/namespaces/default/pods/s1`]: { json: PODS[0] },
	[`GET ${METRICS_PATH}/nodes`]: list("NodeMetricsList", [LOCAL]),
	[`GET ${METRICS_PATH}/nodes/local`]: { json: LOCAL },
	// Whoever asks may get everything, and nothing else.
	"POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews": (request) => ({
		status: 201,
		json: {
			kind: "SelfSubjectAccessReview",
			apiVersion: "authorization.k8s.io/v1",
			metadata: {},
			spec: {},
			status: { allowed: asks(request, "get"), reason: asks(request, "list") ? "no such role" : "" },
		},
	}),
	"POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews": {
		status: 201,
		json: {
			kind: "SelfSubjectRulesReview",
			apiVersion: "authorization.k8s.io/v1",
			metadata: {},
			spec: {},
			status: {
				resourceRules: [
					{ verbs: ["get", "list"], apiGroups: ["klaw.sh"], resources: ["agents", "tasks"] },
					{ verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
					{ verbs: ["get"], apiGroups: [""], resources: ["secrets", "pods/log"], resourceNames: ["keys", "other"] },
					{ verbs: ["watch"], apiGroups: ["klaw.sh"], resources: ["agents"] },
				],
				nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/api*"] }],
				incomplete: false,
			},
		},
	},
	"POST /apis/authentication.k8s.io/v1/selfsubjectreviews": {
		status: 201,
		json: {
			kind: "SelfSubjectReview",
			apiVersion: "authentication.k8s.io/v1",
			metadata: { creationTimestamp: null },
			status: {
				userInfo: { username: "admin", uid: "7", groups: ["system:masters", "system:authenticated"], extra: { "a/b": ["c", "d"] } },
			},
		},
	},
	"GET /raw": { json: { b: 1, a: "<" } },
	"GET /healthz": { stream: ["ok"], type: "text/plain" },
};

/**
 * A small cluster with two namespaces and something of everything that is printed in a way of its own. A watch of its
 * agents sends three changes.
 */
export function sampleCluster(): FakeKubeApi {
	const api = new FakeKubeApi(SAMPLE_KINDS, SAMPLE_OBJECTS);
	api.replies = REPLIES;
	api.watched = {
		agents: [
			{ type: "MODIFIED", object: agent("a1", { labels: { app: "one" } }) },
			{ type: "ADDED", object: agent("a-new-agent-with-long-name") },
			{ type: "DELETED", object: agent("a2") },
		],
	};
	return api;
}
