import type { JsonSchema } from "../openapi/json-schema.ts";
import { member } from "./json-value.ts";
import { fieldSchema, isAssociative, isGranular, itemsOf, partsOf } from "./structure.ts";

/** A live value with what a configuration states put over it. */
export function mergeConfiguration(live: unknown, config: unknown, schema: JsonSchema | undefined): unknown {
	if (isGranular(config, schema)) {
		const merged = new Map(isGranular(live, schema) ? Object.entries(live) : []);
		for (const [name, value] of Object.entries(config))
			merged.set(name, mergeConfiguration(member(live, name), value, fieldSchema(schema, name)));
		return Object.fromEntries(merged);
	}
	if (!isAssociative(config, schema)) return config;
	const items = itemsOf(config, schema);
	return typeof items === "string" ? config : mergeItems(partsOf(live, schema) ?? new Map(), items, schema);
}

/** The items of both, in the order of the configuration; items that only the live list has stay behind the item they followed. */
function mergeItems(live: ReadonlyMap<string, unknown>, config: ReadonlyMap<string, unknown>, schema: JsonSchema | undefined): unknown[] {
	const merged: unknown[] = [];
	const elements = [...live.keys()];
	let at = 0;
	/** Takes over items of the live list up to the next that both have. */
	const keepOwn = () => {
		for (let element = elements[at]; element !== undefined && !config.has(element); element = elements[++at])
			merged.push(live.get(element));
	};
	keepOwn();
	for (const [element, item] of config) {
		merged.push(mergeConfiguration(live.get(element), item, schema?.items));
		if (elements[at] !== element) continue;
		at++;
		keepOwn();
	}
	for (const element of elements.slice(at)) if (!config.has(element)) merged.push(live.get(element));
	return merged;
}
