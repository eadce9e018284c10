import type { FieldsV1 } from "../../resources/resource.ts";
import type { JsonSchema } from "../openapi/json-schema.ts";
import { below, EMPTY, isMember } from "./field-set.ts";
import { isObject } from "./json-value.ts";
import { declares, fieldSchema, isGranular, partsOf } from "./structure.ts";

/**
 * A value without what its applier no longer states: the fields that it stated before (`last`) and that nobody owns
 * (`managed`, with what it states now). An item or object that goes takes with it what nobody owns in there.
 */
export function prune(value: unknown, last: FieldsV1, managed: FieldsV1, schema: JsonSchema | undefined): unknown {
	if (isGranular(value, schema)) {
		const kept = Object.entries(value).flatMap(([name, field]) => {
			const ownership = { last: last[`f:${name}`], managed: managed[`f:${name}`], declared: declares(schema, name) };
			return pruned(field, ownership, fieldSchema(schema, name)).map((rest) => [name, rest] as const);
		});
		return Object.fromEntries(kept);
	}
	const items = partsOf(value, schema);
	if (items === undefined) return value;
	return [...items].flatMap(([element, item]) =>
		pruned(item, { last: last[element], managed: managed[element], declared: false }, schema?.items),
	);
}

interface Ownership {
	last: FieldsV1 | undefined;
	managed: FieldsV1 | undefined;
	/** A field of an object, which is owned with any field in it; not a key of a map, nor an item. */
	declared: boolean;
}

/** What stays of a part: itself in a list, or nothing. */
function pruned(part: unknown, { last, managed, declared }: Ownership, schema: JsonSchema | undefined): unknown[] {
	if (last === undefined) return [part];
	if ((declared || isMember(last)) && !(isMember(managed) || (declared && managed !== undefined))) return [];
	const rest = prune(part, below(last), below(managed ?? EMPTY), schema);
	return size(rest) === 0 && size(part) > 0 && !isMember(managed) ? [] : [rest];
}

function size(value: unknown): number {
	if (Array.isArray(value)) return value.length;
	return isObject(value) ? Object.keys(value).length : 1;
}
