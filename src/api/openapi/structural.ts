import * as z from "zod";
import type { JsonSchema } from "./json-schema.ts";

/** What zod writes, as far as it is read here. */
type Written = z.core.JSONSchema.BaseSchema;
type Definitions = Readonly<Record<string, Written>>;

/** Keywords that mean the same here and there. */
const KEPT = [
	"type",
	"description",
	"format",
	"default",
	"enum",
	"nullable",
	"minimum",
	"maximum",
	"exclusiveMinimum",
	"exclusiveMaximum",
	"minLength",
	"maxLength",
	"minItems",
	"maxItems",
] as const;

/**
 * The structural schema of what a zod schema accepts: what clients send, before transforms and with every default still
 * optional. Unknown fields are no matter of it (`fieldValidation` is), and of checks it keeps what JSON Schema can say.
 */
export function structuralSchema(schema: z.ZodType): JsonSchema {
	const written = z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", unrepresentable: "any" });
	return structural(written, { "#": written, ...definitionsOf(written) }, []);
}

/** Schemas with an id, which zod writes apart. */
function definitionsOf({ definitions }: Written): Definitions {
	const found: Record<string, Written> = {};
	for (const [name, schema] of Object.entries(isSchema(definitions) ? definitions : {})) {
		if (isSchema(schema)) found[`#/definitions/${name}`] = schema;
	}
	return found;
}

function isSchema(value: unknown): value is Written {
	return typeof value === "object" && value !== null;
}

/** `within`: references that are being followed. A schema within itself has no finite tree, so that anything goes there. */
function structural(written: Written, definitions: Definitions, within: readonly string[]): JsonSchema {
	const { $ref } = written;
	if ($ref !== undefined) {
		const target = definitions[$ref];
		const found = !target || within.includes($ref) ? ANYTHING : structural(target, definitions, [...within, $ref]);
		return { ...found, ...keywords(written) };
	}
	const convert = (inner: Written | boolean): JsonSchema =>
		typeof inner === "boolean" ? ANYTHING : structural(inner, definitions, within);
	const alternatives = [...(written.anyOf ?? []), ...(written.oneOf ?? [])].map(convert);
	const parts = (written.allOf ?? []).map(convert);
	const own: JsonSchema = { ...keywords(written), ...structure(written, convert) };
	const merged = [...(alternatives.length > 0 ? [unionOf(alternatives)] : []), ...parts].reduce(together, {});
	const schema = together(merged, own);
	return isEmpty(schema) ? { ...schema, ...ANYTHING } : schema;
}

const ANYTHING: JsonSchema = { "x-kubernetes-preserve-unknown-fields": true };

function isEmpty({ type, properties, items, additionalProperties, enum: values, ...rest }: JsonSchema): boolean {
	if (rest["x-kubernetes-int-or-string"] || rest.format !== undefined) return false;
	return type === undefined && !properties && !items && !additionalProperties && !values;
}

function keywords(written: Written): JsonSchema {
	const kept = Object.entries(written).filter(([name]) => KEPT.some((keyword) => keyword === name) || name.startsWith("x-kubernetes-"));
	const schema: JsonSchema = Object.fromEntries(kept);
	// The pattern of a date says less than its format, at great length.
	if (schema.format === undefined && typeof written.pattern === "string") schema.pattern = written.pattern;
	if (schema.type === "integer") schema.format = "int64";
	// The bounds of what JavaScript can count are no rule of the field.
	if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
	if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
	return schema;
}

function structure(written: Written, convert: (inner: Written | boolean) => JsonSchema): JsonSchema {
	const { properties, additionalProperties, items, required } = written;
	const schema: JsonSchema = {};
	if (items !== undefined && !Array.isArray(items)) schema.items = convert(items);
	const free = additionalProperties === undefined || additionalProperties === false ? undefined : convert(additionalProperties);
	if (properties && Object.keys(properties).length > 0) {
		schema.properties = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, convert(inner)]));
		if (required && required.length > 0) schema.required = required;
		// Fields and free keys exclude each other in a structural schema.
		if (free) schema["x-kubernetes-preserve-unknown-fields"] = true;
	} else if (free) schema.additionalProperties = free;
	return schema;
}

/** One schema for values of either: the fields of all, required only if all require them. */
function unionOf(alternatives: readonly JsonSchema[]): JsonSchema {
	const types = new Set(alternatives.map(({ type }) => type));
	if (types.size === 2 && types.has("string")) {
		if (types.has("integer")) return { "x-kubernetes-int-or-string": true };
		// klaw's quantities are the only fields that take a number or a string.
		if (types.has("number")) return { format: "quantity" };
	}
	const [first = {}, ...rest] = alternatives;
	return rest.reduce(either, first);
}

function either(a: JsonSchema, b: JsonSchema): JsonSchema {
	const schema: JsonSchema = {};
	if (a.type !== undefined && a.type === b.type) schema.type = a.type;
	if (a.nullable || b.nullable) schema.nullable = true;
	if (a.description !== undefined && a.description === b.description) schema.description = a.description;
	if (a.enum && b.enum) schema.enum = [...new Set([...a.enum, ...b.enum])];
	if (a.properties || b.properties) {
		schema.properties = mergeProperties(a, b, either);
		const required = a.type === b.type ? (a.required ?? []).filter((name) => b.required?.includes(name)) : [];
		if (required.length > 0) schema.required = required;
	}
	for (const part of ["items", "additionalProperties"] as const) {
		const [left, right] = [a[part], b[part]];
		const inner = left && right ? either(left, right) : (left ?? right);
		if (inner) schema[part] = inner;
	}
	return schema;
}

/** One schema for values of both at once. */
function together(a: JsonSchema, b: JsonSchema): JsonSchema {
	const schema: JsonSchema = { ...a, ...b };
	if (a.properties && b.properties) schema.properties = mergeProperties(a, b, together);
	if (a.required && b.required) schema.required = [...new Set([...a.required, ...b.required])];
	return schema;
}

function mergeProperties(a: JsonSchema, b: JsonSchema, merge: (a: JsonSchema, b: JsonSchema) => JsonSchema) {
	const merged: Record<string, JsonSchema> = { ...a.properties };
	for (const [name, right] of Object.entries(b.properties ?? {})) {
		const left = merged[name];
		merged[name] = left ? merge(left, right) : right;
	}
	return merged;
}
