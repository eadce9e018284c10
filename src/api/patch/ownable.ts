import type { JsonSchema } from "../openapi/json-schema.ts";
import { isObject, type JsonObject, member } from "./json-value.ts";

/** What of `metadata` has owners. The rest is the object's identity or the server's own. */
export const METADATA_SCHEMA: JsonSchema = {
	type: "object",
	properties: {
		generateName: { type: "string" },
		labels: { type: "object", additionalProperties: { type: "string" } },
		annotations: { type: "object", additionalProperties: { type: "string" } },
		finalizers: { type: "array", items: { type: "string" }, "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" },
		ownerReferences: {
			type: "array",
			items: { type: "object", "x-kubernetes-map-type": "atomic" },
			"x-kubernetes-list-type": "map",
			"x-kubernetes-list-map-keys": ["uid"],
			"x-kubernetes-patch-strategy": "merge",
			"x-kubernetes-patch-merge-key": "uid",
		},
	},
};

/** A kind's schema with the metadata that every kind has. */
export function withMetadata(schema: JsonSchema): JsonSchema {
	return { ...schema, properties: { ...schema.properties, metadata: METADATA_SCHEMA } };
}

/** The fields of an object that have owners: its status by the subresource `status`, everything else otherwise. */
export function ownable(object: object, subresource: string | undefined): JsonObject {
	const { apiVersion: _, kind: __, metadata, status, ...fields }: JsonObject = { ...object };
	if (subresource === "status") return status === undefined ? { metadata: {} } : { metadata: {}, status };
	return { ...fields, metadata: ownableMetadata(metadata) };
}

function ownableMetadata(metadata: unknown): JsonObject {
	const owned: JsonObject = {};
	for (const name of Object.keys(METADATA_SCHEMA.properties ?? {})) {
		const value = member(metadata, name);
		if (value !== undefined) owned[name] = value;
	}
	return owned;
}

/** Of an applied configuration, what a request to this resource may set, and what says which object it means. */
export function applicable(config: JsonObject, subresource: string | undefined): JsonObject {
	const { metadata, ...fields } = ownable(config, subresource);
	const identity = Object.entries(isObject(config.metadata) ? config.metadata : {}).filter(([name]) => IDENTITY.includes(name));
	return {
		apiVersion: config.apiVersion,
		kind: config.kind,
		metadata: { ...Object.fromEntries(identity), ...(isObject(metadata) ? metadata : {}) },
		...fields,
	};
}

const IDENTITY = ["name", "namespace", "uid", "resourceVersion"];
