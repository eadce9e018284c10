import type { JsonSchema } from "../openapi/json-schema.ts";
import { isObject, type JsonObject } from "./json-value.ts";
import { checkNesting } from "./nesting.ts";
import { withMetadata } from "./ownable.ts";
import { badPatch, DELETE_FROM, DIRECTIVE, directiveOf, namesIn, ORDER, RETAIN } from "./strategic-directive.ts";
import { mergeLists, ordered } from "./strategic-list.ts";
import { fieldSchema } from "./structure.ts";

/**
 * Applies a strategic merge patch: a merge patch in which lists merge as the schema says (`x-kubernetes-patch-strategy`,
 * `x-kubernetes-patch-merge-key`), with directives (`$patch`, `$retainKeys`, `$setElementOrder/…`,
 * `$deleteFromPrimitiveList/…`). Neither argument is changed.
 * @throws ApiError 400 for a directive that makes no sense, 422 for an item without its key
 */
export function applyStrategicMergePatch(object: unknown, patch: unknown, schema: JsonSchema): unknown {
	if (!isObject(patch)) throw badPatch("A strategic merge patch is an object.");
	checkNesting(patch);
	return mergeObjects(object, patch, withMetadata(schema));
}

/** The fields of both, as the patch's directives say. */
function mergeObjects(original: unknown, patch: JsonObject, schema: JsonSchema | undefined): JsonObject {
	const directive = directiveOf(patch);
	const { [DIRECTIVE]: _, [RETAIN]: retained, ...fields } = patch;
	if (directive === "delete") return {};
	if (directive === "replace") return fields;
	const merged = new Map(isObject(original) ? Object.entries(original) : []);
	if (retained !== undefined) retain(merged, fields, retained);
	for (const [name, value] of Object.entries(fields)) {
		if (name.startsWith(DELETE_FROM) || name.startsWith(ORDER)) continue;
		if (value === null) merged.delete(name);
		else merged.set(name, mergeValues(merged.get(name), value, fieldSchema(schema, name)));
	}
	for (const [name, listed] of namesIn(fields, DELETE_FROM)) {
		const list = merged.get(name);
		const gone = new Set(listed);
		if (Array.isArray(list))
			merged.set(
				name,
				[...list].filter((item) => !gone.has(item)),
			);
	}
	for (const [name, order] of namesIn(fields, ORDER)) {
		const list = merged.get(name);
		const live = isObject(original) && Object.hasOwn(original, name) ? original[name] : undefined;
		if (Array.isArray(list)) merged.set(name, ordered(list, order, Array.isArray(live) ? live : [], mergeKey(fieldSchema(schema, name))));
	}
	return Object.fromEntries(merged);
}

function mergeValues(original: unknown, patch: unknown, schema: JsonSchema | undefined): unknown {
	const strategies = schema?.["x-kubernetes-patch-strategy"]?.split(",") ?? [];
	if (isObject(patch)) return mergeObjects(strategies.includes("replace") ? undefined : original, patch, schema);
	if (Array.isArray(patch) && strategies.includes("merge"))
		return mergeLists(Array.isArray(original) ? original : [], patch, mergeKey(schema), (item, change) =>
			mergeObjects(item, change, schema?.items),
		);
	return patch;
}

function mergeKey(schema: JsonSchema | undefined): string | undefined {
	return schema?.["x-kubernetes-patch-merge-key"];
}

function retain(merged: Map<string, unknown>, fields: JsonObject, retained: unknown): void {
	if (!Array.isArray(retained)) throw badPatch(`${RETAIN} must be a list of the fields that stay.`);
	const stay = new Set(retained);
	const missing = Object.keys(fields).find((name) => !name.startsWith("$") && fields[name] !== null && !stay.has(name));
	if (missing !== undefined) throw badPatch(`${RETAIN} must name every field of its object, and lacks ${JSON.stringify(missing)}.`);
	for (const name of merged.keys()) if (!stay.has(name)) merged.delete(name);
}
