import type { JsonSchema } from "./json-schema.ts";
import { metaName } from "./schema-name.ts";

const text = (description: string): JsonSchema => ({ type: "string", description });
const whole = (description: string): JsonSchema => ({ type: "integer", format: "int64", description });
const flag = (description: string): JsonSchema => ({ type: "boolean", description });
const time = (description: string): JsonSchema => ({ type: "string", format: "date-time", description });
const texts = (description: string): JsonSchema => ({ type: "object", description, additionalProperties: { type: "string" } });

/** In every object. */
export const apiVersionSchema = text("Group and version of the schema of this object, for example klaw.sh/v1");
export const kindSchema = text("What this object is, in CamelCase. It cannot be changed");

export const ownerReferenceSchema: JsonSchema = {
	type: "object",
	description: "An object that this one depends on: when the last owner is gone, the object is collected",
	properties: {
		apiVersion: text("Group and version of the owner"),
		kind: text("Kind of the owner"),
		name: text("Name of the owner"),
		uid: text("UID of the owner"),
		controller: flag("Whether the owner is the one that manages this object"),
		blockOwnerDeletion: flag("Whether a foreground deletion of the owner waits until this object is gone"),
	},
	required: ["apiVersion", "kind", "name", "uid"],
	"x-kubernetes-map-type": "atomic",
};

export const managedFieldsEntrySchema: JsonSchema = {
	type: "object",
	description: "Which fields one manager set, and how",
	properties: {
		manager: text("Name of the manager"),
		operation: { ...text("How the fields were set: Apply is server-side apply, Update is everything else"), enum: ["Apply", "Update"] },
		apiVersion: text("Group and version in which the fields are named"),
		time: time("When the entry last changed"),
		fieldsType: { ...text("Form of fieldsV1"), enum: ["FieldsV1"] },
		fieldsV1: { type: "object", description: "The fields, as a tree of their names", "x-kubernetes-preserve-unknown-fields": true },
		subresource: text("Subresource by which the fields were set"),
	},
};

export const objectMetaSchema: JsonSchema = {
	type: "object",
	description: "Name, labels and what else every object has",
	properties: {
		name: text("Unique among the objects of its kind in the namespace. It cannot be changed"),
		generateName: text("Beginning of a name that the server completes, used where name is absent"),
		namespace: text("Namespace of the object; absent for kinds of the whole cluster. It cannot be changed"),
		uid: text("Tells the object from earlier ones of its name. Set by the server"),
		resourceVersion: text(
			"Changes with every change of the object. Sent back with an update, it refuses the update if someone else came first",
		),
		generation: whole("Counts the changes of what is wanted. Set by the server"),
		creationTimestamp: { ...time("When the object was created. Set by the server"), nullable: true },
		deletionTimestamp: { ...time("When the object was deleted, while it is still being cleaned up. Set by the server"), nullable: true },
		deletionGracePeriodSeconds: whole("How long the object may take to end. Set by the server"),
		labels: texts("Short texts by which objects are selected"),
		annotations: texts("Texts for people and tools, by which nothing is selected"),
		ownerReferences: {
			type: "array",
			description: "The objects that this one depends on",
			items: ownerReferenceSchema,
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["uid"],
			"x-kubernetes-patch-strategy": "merge",
			"x-kubernetes-patch-merge-key": "uid",
		},
		finalizers: {
			type: "array",
			description: "What must be done before the object is gone; each is taken out by who did it",
			items: { type: "string" },
			"x-kubernetes-list-type": "set",
			"x-kubernetes-patch-strategy": "merge",
		},
		managedFields: {
			type: "array",
			description: "Who set which fields. Kept by the server",
			items: managedFieldsEntrySchema,
			"x-kubernetes-list-type": "atomic",
		},
		selfLink: text("Not used any more"),
	},
};

export const listMetaSchema: JsonSchema = {
	type: "object",
	description: "Where a list stands",
	properties: {
		resourceVersion: text("Version of the data that the list shows, from which a watch can go on"),
		continue: text("Token with which to ask for the rest; absent on the last page"),
		remainingItemCount: whole("How many objects are left for later pages"),
		selfLink: text("Not used any more"),
	},
};

const statusCauseSchema: JsonSchema = {
	type: "object",
	description: "One thing that was wrong",
	properties: {
		reason: text("Why, in one CamelCase word"),
		message: text("Why, in words"),
		field: text("Path of the field, for example spec.model"),
	},
};

const statusDetailsSchema: JsonSchema = {
	type: "object",
	description: "What an answer is about",
	properties: {
		name: text("Name of the object"),
		group: text("Group of the object"),
		kind: text("Kind or plural of the object"),
		uid: text("UID of the object"),
		causes: { type: "array", description: "All that was wrong", items: statusCauseSchema, "x-kubernetes-list-type": "atomic" },
		retryAfterSeconds: whole("When to try again"),
	},
};

export const statusSchema: JsonSchema = {
	type: "object",
	description: "How a request went, where the answer is no object",
	properties: {
		apiVersion: apiVersionSchema,
		kind: kindSchema,
		metadata: listMetaSchema,
		status: text("Success or Failure"),
		message: text("What happened, in words"),
		reason: text("Why it failed, in one CamelCase word"),
		details: statusDetailsSchema,
		code: whole("HTTP status code"),
	},
	"x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "Status" }],
};

const preconditionsSchema: JsonSchema = {
	type: "object",
	description: "What must hold of an object for it to be deleted",
	properties: { uid: text("Its UID"), resourceVersion: text("Its resource version") },
};

export const deleteOptionsSchema: JsonSchema = {
	type: "object",
	description: "How to delete",
	properties: {
		apiVersion: apiVersionSchema,
		kind: kindSchema,
		dryRun: {
			type: "array",
			description: "All: everything but the deletion",
			items: { type: "string" },
			"x-kubernetes-list-type": "atomic",
		},
		gracePeriodSeconds: whole("How long the object may take to end; 0: at once"),
		orphanDependents: flag("Replaced by propagationPolicy"),
		preconditions: preconditionsSchema,
		propagationPolicy: text("What becomes of dependents: Background, Foreground or Orphan"),
	},
	"x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "DeleteOptions" }],
};

export const patchSchema: JsonSchema = {
	type: "object",
	description: "A patch in the form that its media type names",
	"x-kubernetes-preserve-unknown-fields": true,
};

export const intOrStringSchema: JsonSchema = {
	description: "A whole number, or a text such as 25%",
	format: "int-or-string",
	oneOf: [{ type: "integer" }, { type: "string" }],
};

export const quantitySchema: JsonSchema = {
	description: "An amount such as 500m, 2 or 128Mi",
	oneOf: [{ type: "string" }, { type: "number" }],
};

/** Schemas that documents name instead of repeating them. */
export const META_SCHEMAS: ReadonlyMap<JsonSchema, string> = new Map([
	[objectMetaSchema, metaName("ObjectMeta")],
	[ownerReferenceSchema, metaName("OwnerReference")],
	[managedFieldsEntrySchema, metaName("ManagedFieldsEntry")],
	[listMetaSchema, metaName("ListMeta")],
	[statusSchema, metaName("Status")],
	[statusDetailsSchema, metaName("StatusDetails")],
	[statusCauseSchema, metaName("StatusCause")],
	[deleteOptionsSchema, metaName("DeleteOptions")],
	[preconditionsSchema, metaName("Preconditions")],
	[patchSchema, metaName("Patch")],
	[quantitySchema, "io.k8s.apimachinery.pkg.api.resource.Quantity"],
	[intOrStringSchema, "io.k8s.apimachinery.pkg.util.intstr.IntOrString"],
]);
