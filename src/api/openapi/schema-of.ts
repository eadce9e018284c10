import type { KindDefinition } from "../../resources/kind.ts";
import type { JsonSchema } from "./json-schema.ts";
import { apiVersionSchema, kindSchema, objectMetaSchema } from "./meta-schemas.ts";
import { structuralSchema } from "./structural.ts";

const schemas = new WeakMap<KindDefinition, JsonSchema>();

/**
 * The structural schema of a whole object, metadata included and without references. Made once a kind; the schema of
 * `metadata` is one and the same for all.
 */
export function schemaOf(kind: KindDefinition): JsonSchema {
	const known = schemas.get(kind);
	if (known) return known;
	const made = objectSchema(kind);
	schemas.set(kind, made);
	return made;
}

function objectSchema(kind: KindDefinition): JsonSchema {
	const { properties = {}, required, ...more } = structuralSchema(kind.schema);
	const status = kind.status && structuralSchema(kind.status);
	return {
		...more,
		type: "object",
		description: kind.description,
		properties: {
			apiVersion: apiVersionSchema,
			kind: kindSchema,
			metadata: objectMetaSchema,
			...properties,
			...(status && { status: { description: "How the object stands. Kept by the server", ...status } }),
		},
		...(required && required.length > 0 ? { required } : {}),
		"x-kubernetes-group-version-kind": [{ group: kind.group, version: kind.version, kind: kind.kind }],
	};
}
