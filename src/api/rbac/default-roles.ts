import type { LabelSelectorSpec } from "../../resources/label-selector.ts";
import { type PolicyRule, RBAC_GROUP } from "./policy.ts";

/** A ClusterRole that every cluster has from the start. */
export interface DefaultClusterRole {
	name: string;
	/** Beside {@link DEFAULT_LABELS}. */
	labels?: Readonly<Record<string, string>>;
	rules?: readonly PolicyRule[];
	aggregationRule?: { clusterRoleSelectors: LabelSelectorSpec[] };
}

/** What Kubernetes marks its own roles and bindings with. */
export const DEFAULT_LABELS = { "kubernetes.io/bootstrapping": "rbac-defaults" } as const;
/** `"false"` on a role or binding leaves it as it is from then on. */
export const AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";

const KLAW = ["klaw.sh"];
const CORE = [""];
const EVENTS = ["events.k8s.io"];
const READ = ["get", "list", "watch"];
const WRITE = ["create", "delete", "deletecollection", "patch", "update"];

/** Kinds that people of a namespace write. AgentRevisions are written by klaw alone. */
const KLAW_KINDS = ["agentroutes", "agents", "channels", "crontasks", "modelroutes", "sessions", "skills", "tasks"];

/** Everything but Secrets and who may do what. */
const VIEW: readonly PolicyRule[] = [
	{ apiGroups: KLAW, resources: [...KLAW_KINDS, "agentrevisions"], verbs: READ },
	{ apiGroups: KLAW, resources: ["placementreviews"], verbs: ["create"] },
	{ apiGroups: KLAW, resources: ["agents/status", "crontasks/status", "sessions/status", "tasks/status"], verbs: READ },
	{ apiGroups: KLAW, resources: ["sessions/checkpoints", "sessions/events"], verbs: ["get"] },
	{
		apiGroups: CORE,
		resources: ["configmaps", "events", "limitranges", "namespaces", "pods", "resourcequotas", "serviceaccounts"],
		verbs: READ,
	},
	{ apiGroups: CORE, resources: ["namespaces/status", "pods/log", "pods/status", "resourcequotas/status"], verbs: READ },
	{ apiGroups: EVENTS, resources: ["events"], verbs: READ },
	{ apiGroups: ["metrics.k8s.io"], resources: ["pods"], verbs: READ },
];

/** Everything that agents need, and their machines; not what limits them. */
const EDIT: readonly PolicyRule[] = [
	{ apiGroups: KLAW, resources: KLAW_KINDS, verbs: WRITE },
	{ apiGroups: KLAW, resources: ["sessions/cancel", "sessions/messages", "sessions/restore", "tasks/cancel"], verbs: ["create"] },
	{ apiGroups: CORE, resources: ["configmaps", "events", "secrets", "serviceaccounts"], verbs: WRITE },
	{ apiGroups: CORE, resources: ["secrets"], verbs: READ },
	{ apiGroups: CORE, resources: ["pods"], verbs: ["delete", "deletecollection"] },
	// A WebSocket is opened with GET, so clients ask `can-i` for either verb.
	{ apiGroups: CORE, resources: ["pods/exec"], verbs: ["create", "get"] },
	{ apiGroups: CORE, resources: ["pods/eviction"], verbs: ["create"] },
];

/**
 * Who may do what, too. A token or impersonation of a ServiceAccount gives all its permissions, which may be more than
 * `edit`, so both are here and not in `edit` as in Kubernetes. Quotas are for cluster admins to set.
 */
const ADMIN: readonly PolicyRule[] = [
	{ apiGroups: [RBAC_GROUP], resources: ["rolebindings", "roles"], verbs: [...READ, ...WRITE] },
	{ apiGroups: CORE, resources: ["serviceaccounts/token"], verbs: ["create"] },
	{ apiGroups: CORE, resources: ["serviceaccounts"], verbs: ["impersonate"] },
	{ apiGroups: KLAW, resources: ["auditrecords"], verbs: ["get", "list"] },
	{ apiGroups: ["authorization.k8s.io"], resources: ["localsubjectaccessreviews"], verbs: ["create"] },
];

const PUBLIC_PATHS = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

export const DEFAULT_CLUSTER_ROLES: readonly DefaultClusterRole[] = [
	{
		name: "cluster-admin",
		rules: [
			{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
			{ nonResourceURLs: ["*"], verbs: ["*"] },
		],
	},
	{ name: "admin", ...aggregating("admin") },
	{ name: "edit", labels: aggregatedTo("admin"), ...aggregating("edit") },
	{ name: "view", labels: aggregatedTo("edit"), ...aggregating("view") },
	{ name: "system:aggregate-to-admin", labels: aggregatedTo("admin"), rules: ADMIN },
	{ name: "system:aggregate-to-edit", labels: aggregatedTo("edit"), rules: EDIT },
	{ name: "system:aggregate-to-view", labels: aggregatedTo("view"), rules: VIEW },
	{
		name: "system:basic-user",
		rules: [
			{ apiGroups: ["authorization.k8s.io"], resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], verbs: ["create"] },
			{ apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"], verbs: ["create"] },
		],
	},
	{
		name: "system:discovery",
		rules: [{ nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*", ...PUBLIC_PATHS], verbs: ["get"] }],
	},
	{ name: "system:public-info-viewer", rules: [{ nonResourceURLs: PUBLIC_PATHS, verbs: ["get"] }] },
];

function aggregatedTo(role: string): Record<string, string> {
	return { [`${RBAC_GROUP}/aggregate-to-${role}`]: "true" };
}

function aggregating(role: string): Pick<DefaultClusterRole, "aggregationRule"> {
	return { aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregatedTo(role) }] } };
}
