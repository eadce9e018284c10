import type { FieldsV1 } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { EMPTY, isEmpty, withSelf } from "./field-set.ts";
import { equalJson, isObject, member } from "./json-value.ts";
import { fieldSchema, isGranular, partsOf } from "./structure.ts";

export interface Changes {
	/** Fields that are new or have another value: with their items and fields, where an object or an item is new. */
	changed: FieldsV1;
	/** Fields that are no more, or have another value. */
	gone: FieldsV1;
	isNone: boolean;
}

/** What became of the fields of an object. */
export function changesBetween(before: unknown, after: unknown, schema: JsonSchema): Changes {
	const changed = differing(before, after, schema) ?? EMPTY;
	const gone = differing(after, before, schema) ?? EMPTY;
	return { changed, gone, isNone: isEmpty(changed) && isEmpty(gone) };
}

/** The fields of `to` that are not in `from` or have another value there. `undefined`: there are none. */
export function differing(from: unknown, to: unknown, schema: JsonSchema | undefined): FieldsV1 | undefined {
	if (from === to) return undefined;
	const byParts = !(isNothing(from) && isNothing(to));
	if (byParts && isGranular(to, schema)) return differingFields(from, to, schema);
	if (equalJson(from, to)) return undefined;
	const items = byParts ? partsOf(to, schema) : undefined;
	return items === undefined ? EMPTY : differingItems(partsOf(from, schema), items, schema);
}

function differingFields(from: unknown, to: Record<string, unknown>, schema: JsonSchema | undefined): FieldsV1 | undefined {
	let fields: FieldsV1 | undefined;
	for (const name of Object.keys(to)) {
		const field = differing(member(from, name), to[name], fieldSchema(schema, name));
		if (field === undefined) continue;
		fields ??= {};
		fields[`f:${name}`] = field;
	}
	return isObject(from) ? fields : withSelf(fields ?? EMPTY);
}

function differingItems(
	from: Map<string, unknown> | undefined,
	to: Map<string, unknown>,
	schema: JsonSchema | undefined,
): FieldsV1 | undefined {
	let items: FieldsV1 | undefined;
	for (const [element, item] of to) {
		const node = differing(from?.get(element), item, schema?.items);
		if (node === undefined) continue;
		items ??= {};
		items[element] = node;
	}
	return from === undefined ? withSelf(items ?? EMPTY) : items;
}

/** An empty object or list is like none at all: going from one to another is a change of the whole. */
function isNothing(value: unknown): boolean {
	if (Array.isArray(value)) return value.length === 0;
	return !isObject(value) || Object.keys(value).length === 0;
}
