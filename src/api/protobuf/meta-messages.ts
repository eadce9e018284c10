import { list, map, message, one, pointer } from "./message.ts";

// Numbers and names here and in the files beside this one are those of the `generated.proto` files that Kubernetes
// publishes with its API types (v1.36); a number once given is never given to another field.

const ownerReference = message({
	kind: one(1, "string"),
	name: one(3, "string"),
	uid: one(4, "string"),
	apiVersion: one(5, "string"),
	controller: pointer(6, "bool"),
	blockOwnerDeletion: pointer(7, "bool"),
});

const managedFieldsEntry = message({
	manager: one(1, "string"),
	operation: one(2, "string"),
	apiVersion: one(3, "string"),
	time: one(4, "time"),
	fieldsType: one(6, "string"),
	fieldsV1: one(7, "fieldsV1"),
	subresource: one(8, "string"),
});

export const objectMeta = message({
	name: one(1, "string"),
	generateName: one(2, "string"),
	namespace: one(3, "string"),
	selfLink: one(4, "string"),
	uid: one(5, "string"),
	resourceVersion: one(6, "string"),
	generation: one(7, "int"),
	creationTimestamp: one(8, "time"),
	deletionTimestamp: one(9, "time"),
	deletionGracePeriodSeconds: pointer(10, "int"),
	labels: map(11, "string"),
	annotations: map(12, "string"),
	ownerReferences: list(13, ownerReference),
	finalizers: list(14, "string"),
	managedFields: list(17, managedFieldsEntry),
});

const preconditions = message({ uid: one(1, "string"), resourceVersion: one(2, "string") });

export const deleteOptions = message({
	gracePeriodSeconds: pointer(1, "int"),
	preconditions: one(2, preconditions),
	orphanDependents: pointer(3, "bool"),
	propagationPolicy: one(4, "string"),
	dryRun: list(5, "string"),
});

const labelSelectorRequirement = message({ key: one(1, "string"), operator: one(2, "string"), values: list(3, "string") });

export const labelSelector = message({ matchLabels: map(1, "string"), matchExpressions: list(2, labelSelectorRequirement) });

/** Of field and label selectors in questions about access alike. */
export const selectorAttributes = message({ rawSelector: one(1, "string"), requirements: list(2, labelSelectorRequirement) });
