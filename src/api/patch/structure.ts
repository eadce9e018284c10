/** How a schema says that a value is owned and merged: as a whole, or part by part. */
import type { JsonSchema } from "../openapi/json-schema.ts";
import { isObject, type JsonObject, member } from "./json-value.ts";

/** The schema of a field; `undefined` where the schema does not say. */
export function fieldSchema(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
	return declares(schema, name) ? schema?.properties?.[name] : schema?.additionalProperties;
}

/** Whether a name is a field of an object, rather than a key of a map. */
export function declares(schema: JsonSchema | undefined, name: string): boolean {
	return schema?.properties !== undefined && Object.hasOwn(schema.properties, name);
}

/** Whether the fields of a value are owned one by one. Maps that no schema describes are. */
export function isGranular(value: unknown, schema: JsonSchema | undefined): value is JsonObject {
	return isObject(value) && schema?.["x-kubernetes-map-type"] !== "atomic";
}

/** Whether the items of a value are owned one by one. Lists that no schema describes are not. */
export function isAssociative(value: unknown, schema: JsonSchema | undefined): value is unknown[] {
	const type = schema?.["x-kubernetes-list-type"];
	return Array.isArray(value) && (type === "set" || type === "map");
}

/** The items of an associative list by path element, or what is wrong with it: then it is owned as a whole. */
export function itemsOf(list: readonly unknown[], schema: JsonSchema | undefined): Map<string, unknown> | string {
	const items = new Map<string, unknown>();
	for (const [index, item] of list.entries()) {
		const element = schema?.["x-kubernetes-list-type"] === "set" ? valueElement(item) : keyElement(item, schema);
		if (!element.startsWith("k:") && !element.startsWith("v:")) return `element ${index}: ${element}`;
		if (items.has(element)) return `duplicate entries for key ${elementText(element)}`;
		items.set(element, item);
	}
	return items;
}

/** The associative list's items, if it is one and is well-formed. */
export function partsOf(value: unknown, schema: JsonSchema | undefined): Map<string, unknown> | undefined {
	if (!isAssociative(value, schema)) return undefined;
	const items = itemsOf(value, schema);
	return typeof items === "string" ? undefined : items;
}

/** @example pathText(["f:spec", "f:ports", 'k:{"name":"x"}']) // '.spec.ports[name="x"]' */
export function pathText(path: readonly string[]): string {
	return path.map(elementText).join("");
}

function valueElement(item: unknown): string {
	return typeof item === "object" && item !== null ? "an item of a set must be a scalar" : `v:${JSON.stringify(item)}`;
}

function keyElement(item: unknown, schema: JsonSchema | undefined): string {
	if (!isObject(item)) return "an item of an associative list must be an object";
	const names = schema?.["x-kubernetes-list-map-keys"] ?? [];
	const keys: JsonObject = {};
	for (const name of [...names].sort()) {
		const value = member(item, name) ?? fieldSchema(schema?.items, name)?.default;
		if (value === undefined || value === null)
			return `associative list with keys has an element that omits key field "${name}" (and doesn't have default value)`;
		keys[name] = value;
	}
	return `k:${JSON.stringify(keys)}`;
}

function elementText(element: string): string {
	const rest = element.slice(2);
	if (element.startsWith("f:")) return `.${rest}`;
	if (element.startsWith("v:")) return `[=${rest}]`;
	if (element.startsWith("i:")) return `[${rest}]`;
	const keys: unknown = JSON.parse(rest);
	const pairs = isObject(keys) ? Object.entries(keys).map(([name, value]) => `${name}=${JSON.stringify(value)}`) : [rest];
	return `[${pairs.join(",")}]`;
}
