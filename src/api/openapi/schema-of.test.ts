import { expect, test } from "vitest";
import { configMapKind, widgetKind } from "../../../test/fakes/kinds.ts";
import { ALL_KINDS } from "../../resources/registry.ts";
import type { JsonSchema } from "./json-schema.ts";
import { schemaOf } from "./schema-of.ts";

test("the schema of a kind is that of a whole object", () => {
	const schema = schemaOf(widgetKind);
	expect(schema).toMatchObject({
		type: "object",
		description: "A Widget is a thing.",
		required: ["spec"],
		"x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Widget" }],
	});
	expect(Object.keys(schema.properties ?? {})).toEqual(["apiVersion", "kind", "metadata", "spec", "status"]);
	expect(schema.properties?.spec?.properties?.color).toEqual({
		type: "string",
		enum: ["red", "green"],
		default: "red",
		description: "What it looks like",
	});
	expect(schema.properties?.status?.properties).toHaveProperty("phase");
});

test("a kind may have other fields than spec and status", () => {
	expect(Object.keys(schemaOf(configMapKind).properties ?? {})).toEqual(["apiVersion", "kind", "metadata", "data"]);
});

test("metadata merges as Kubernetes merges it", () => {
	const { properties } = schemaOf(widgetKind).properties?.metadata ?? {};
	expect(properties?.ownerReferences).toMatchObject({ "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["uid"] });
	expect(properties?.finalizers).toMatchObject({ "x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge" });
	expect(properties?.labels).toMatchObject({ additionalProperties: { type: "string" } });
});

test("nothing in it has to be looked up elsewhere", () => {
	expect(JSON.stringify(schemaOf(widgetKind))).not.toContain("$ref");
});

test("it is made once a kind", () => {
	expect(schemaOf(widgetKind)).toBe(schemaOf(widgetKind));
	expect(schemaOf(widgetKind)).not.toBe(schemaOf({ ...widgetKind }));
});

/** Paths of the fields in a schema that have no description. */
function undescribed({ properties = {}, items, additionalProperties }: JsonSchema, path: string): string[] {
	const fields = Object.entries(properties).flatMap(([name, field]) => [
		...(field.description === undefined ? [`${path}.${name}`] : []),
		...undescribed(field, `${path}.${name}`),
	]);
	const inner = [items, additionalProperties].flatMap((schema) => (schema ? undescribed(schema, `${path}[]`) : []));
	return [...fields, ...inner];
}

test.each(ALL_KINDS.map((kind) => [kind.kind, kind] as const))("explain has something to say about every field of %s", (name, kind) => {
	expect(undescribed(schemaOf(kind), name)).toEqual([]);
});
