import type { FieldsV1 } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { EMPTY, withSelf } from "./field-set.ts";
import { declares, fieldSchema, isAssociative, isGranular, itemsOf, pathText } from "./structure.ts";

/**
 * The fields that a configuration states: what its applier owns.
 * @throws RangeError for an associative list whose items cannot be told apart
 */
export function fieldsOf(value: unknown, schema: JsonSchema | undefined): FieldsV1 {
	return fieldsAt(value, schema, []) ?? EMPTY;
}

/** `undefined`: nothing that could be owned. */
function fieldsAt(value: unknown, schema: JsonSchema | undefined, path: readonly string[]): FieldsV1 | undefined {
	if (isAssociative(value, schema)) return itemFields(value, schema, path);
	if (!isGranular(value, schema)) return EMPTY;
	const fields: FieldsV1 = {};
	for (const [name, field] of Object.entries(value)) {
		const element = `f:${name}`;
		const node = fieldsAt(field, fieldSchema(schema, name), [...path, element]);
		if (node === undefined) continue;
		// A field of an object is there with what is in it; a key of a map is something of its own.
		fields[element] = declares(schema, name) ? node : withSelf(node);
	}
	return fields;
}

function itemFields(list: unknown[], schema: JsonSchema | undefined, path: readonly string[]): FieldsV1 | undefined {
	if (list.length === 0) return undefined;
	const items = itemsOf(list, schema);
	if (typeof items === "string") throw new RangeError(`${pathText(path)}: ${items}`);
	const fields: FieldsV1 = {};
	for (const [element, item] of items) fields[element] = withSelf(fieldsAt(item, schema?.items, [...path, element]) ?? EMPTY);
	return fields;
}
