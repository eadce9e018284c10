import { goValue } from "../output/go-value.ts";
import type { Describe } from "./describer.ts";
import { Description } from "./description.ts";
import { describeEvents } from "./events.ts";
import { describeMetadata } from "./metadata.ts";

/** Every field of an object, by a readable name: for kinds that have no description of their own. */
export const describeGeneric: Describe = (object, { events, now }) => {
	const text = new Description();
	describeMetadata(text, object.metadata);
	text.line(0, "API Version:", object.apiVersion);
	const { name, namespace, labels, annotations, managedFields, ...metadata } = object.metadata;
	const { apiVersion, ...fields } = object;
	describeFields(text, { ...fields, metadata }, 0);
	describeEvents(text, events, now);
	return text.toString();
};

function describeFields(text: Description, fields: object, level: number): void {
	for (const [key, value] of Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))) {
		const label = labelOf(key);
		if (Array.isArray(value)) {
			text.line(level, `${label}:`);
			for (const item of value) {
				if (isMap(item)) describeFields(text, item, level + 1);
				else text.line(level + 1, goValue(item));
			}
		} else if (isMap(value)) {
			text.line(level, `${label}:`);
			describeFields(text, value, level + 1);
		} else text.line(level, `${label}:`, goValue(value));
	}
}

function isMap(value: unknown): value is object {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

const WORD = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\p{Nd}+|[^\p{Lu}\p{Ll}\p{Nd}]+/gu;
const ACRONYMS = new Set(["API", "URL", "UID", "OSB", "GUID"]);

/** `creationTimestamp` → `Creation Timestamp`; `apiVersion` → `API Version`. */
export function labelOf(key: string): string {
	const words = (key.match(WORD) ?? []).filter((word) => word !== "_");
	return words
		.map((word) => (ACRONYMS.has(word.toUpperCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1)))
		.join(" ");
}
