import { list, map, message, one, pointer } from "./message.ts";
import { deleteOptions, labelSelector, objectMeta, selectorAttributes } from "./meta-messages.ts";

const rule = message({
	verbs: list(1, "string"),
	apiGroups: list(2, "string"),
	resources: list(3, "string"),
	resourceNames: list(4, "string"),
	nonResourceURLs: list(5, "string"),
});

export const role = message({ metadata: one(1, objectMeta), rules: list(2, rule) });

export const clusterRole = message({
	metadata: one(1, objectMeta),
	rules: list(2, rule),
	aggregationRule: one(3, message({ clusterRoleSelectors: list(1, labelSelector) })),
});

const subject = message({ kind: one(1, "string"), apiGroup: one(2, "string"), name: one(3, "string"), namespace: one(4, "string") });
const roleRef = message({ apiGroup: one(1, "string"), kind: one(2, "string"), name: one(3, "string") });

/** RoleBinding and ClusterRoleBinding. */
export const roleBinding = message({ metadata: one(1, objectMeta), subjects: list(2, subject), roleRef: one(3, roleRef) });

const resourceAttributes = message({
	namespace: one(1, "string"),
	verb: one(2, "string"),
	group: one(3, "string"),
	version: one(4, "string"),
	resource: one(5, "string"),
	subresource: one(6, "string"),
	name: one(7, "string"),
	fieldSelector: one(8, selectorAttributes),
	labelSelector: one(9, selectorAttributes),
});

const nonResourceAttributes = message({ path: one(1, "string"), verb: one(2, "string") });

// What is sent back in `status` is the server's to say; questions are read without it.
export const selfSubjectAccessReview = message({
	metadata: one(1, objectMeta),
	spec: one(2, message({ resourceAttributes: one(1, resourceAttributes), nonResourceAttributes: one(2, nonResourceAttributes) })),
});

/** SubjectAccessReview and LocalSubjectAccessReview. */
export const subjectAccessReview = message({
	metadata: one(1, objectMeta),
	spec: one(
		2,
		message({
			resourceAttributes: one(1, resourceAttributes),
			nonResourceAttributes: one(2, nonResourceAttributes),
			user: one(3, "string"),
			groups: list(4, "string"),
			extra: map(5, "texts"),
			uid: one(6, "string"),
		}),
	),
});

export const selfSubjectRulesReview = message({ metadata: one(1, objectMeta), spec: one(2, message({ namespace: one(1, "string") })) });

export const selfSubjectReview = message({ metadata: one(1, objectMeta) });

const boundObjectRef = message({ kind: one(1, "string"), apiVersion: one(2, "string"), name: one(3, "string"), uid: one(4, "string") });

export const tokenRequest = message({
	metadata: one(1, objectMeta),
	spec: one(
		2,
		message({
			audiences: list(1, "string"),
			boundObjectRef: one(3, boundObjectRef),
			expirationSeconds: pointer(4, "int"),
			attestations: map(5, "texts"),
		}),
	),
});

export const eviction = message({ metadata: one(1, objectMeta), deleteOptions: one(2, deleteOptions) });
