/**
 * A structural schema in Kubernetes' sense: one tree with every field at its place, where a value of any type finds its
 * rules without trying alternatives. Patches, server-side apply, OpenAPI and `explain` read it.
 */
export interface JsonSchema {
	/** Absent where values of several types are accepted. */
	type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
	description?: string;
	format?: string;
	default?: unknown;
	enum?: readonly unknown[];
	nullable?: boolean;
	pattern?: string;
	minimum?: number;
	maximum?: number;
	exclusiveMinimum?: boolean;
	exclusiveMaximum?: boolean;
	minLength?: number;
	maxLength?: number;
	minItems?: number;
	maxItems?: number;
	properties?: Readonly<Record<string, JsonSchema>>;
	required?: readonly string[];
	/** Of the values of a map with free keys. */
	additionalProperties?: JsonSchema;
	items?: JsonSchema;

	/** How lists merge. Absent: `atomic`. */
	"x-kubernetes-list-type"?: "atomic" | "set" | "map";
	/** Fields that identify an item of a list of type `map`. */
	"x-kubernetes-list-map-keys"?: readonly string[];
	/** How maps and objects merge. Absent: `granular`. */
	"x-kubernetes-map-type"?: "granular" | "atomic";
	/** What a strategic merge patch does with a list or an object: `merge`, `replace`, `retainKeys`. */
	"x-kubernetes-patch-strategy"?: string;
	/** The field that identifies an item of a list with the strategy `merge`. */
	"x-kubernetes-patch-merge-key"?: string;
	/** Anything may be in here. */
	"x-kubernetes-preserve-unknown-fields"?: boolean;
	"x-kubernetes-int-or-string"?: boolean;

	// Only in OpenAPI documents, never in what `schemaOf` returns.
	$ref?: string;
	allOf?: readonly JsonSchema[];
	oneOf?: readonly JsonSchema[];
	"x-kubernetes-group-version-kind"?: readonly GroupVersionKind[];
}

export interface GroupVersionKind {
	/** `""` is the core group. */
	group: string;
	version: string;
	kind: string;
}
