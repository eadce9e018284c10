import { list, map, message, one, pointer } from "./message.ts";
import { objectMeta } from "./meta-messages.ts";

export const namespace = message({
	metadata: one(1, objectMeta),
	spec: one(2, message({ finalizers: list(1, "string") })),
	status: one(3, message({ phase: one(1, "string") })),
});

export const configMap = message({
	metadata: one(1, objectMeta),
	data: map(2, "string"),
	binaryData: map(3, "bytes"),
	immutable: pointer(4, "bool"),
});

export const secret = message({
	metadata: one(1, objectMeta),
	data: map(2, "bytes"),
	type: one(3, "string"),
	stringData: map(4, "string"),
	immutable: pointer(5, "bool"),
});

export const objectReference = message({
	kind: one(1, "string"),
	namespace: one(2, "string"),
	name: one(3, "string"),
	uid: one(4, "string"),
	apiVersion: one(5, "string"),
	resourceVersion: one(6, "string"),
	fieldPath: one(7, "string"),
});

export const serviceAccount = message({
	metadata: one(1, objectMeta),
	secrets: list(2, objectReference),
	imagePullSecrets: list(3, message({ name: one(1, "string") })),
	automountServiceAccountToken: pointer(4, "bool"),
});

const scopeRequirement = message({ scopeName: one(1, "string"), operator: one(2, "string"), values: list(3, "string") });

export const resourceQuota = message({
	metadata: one(1, objectMeta),
	spec: one(
		2,
		message({
			hard: map(1, "quantity"),
			scopes: list(2, "string"),
			scopeSelector: one(3, message({ matchExpressions: list(1, scopeRequirement) })),
		}),
	),
	status: one(3, message({ hard: map(1, "quantity"), used: map(2, "quantity") })),
});

const limitRangeItem = message({
	type: one(1, "string"),
	max: map(2, "quantity"),
	min: map(3, "quantity"),
	default: map(4, "quantity"),
	defaultRequest: map(5, "quantity"),
	maxLimitRequestRatio: map(6, "quantity"),
});

export const limitRange = message({ metadata: one(1, objectMeta), spec: one(2, message({ limits: list(1, limitRangeItem) })) });
