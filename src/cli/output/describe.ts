import type { KubeObject } from "../objects.ts";

/** An object in the manner of `kubectl describe`: every field, by a readable name. */
export function describeObject(object: KubeObject): string {
	const { name, namespace, labels, annotations, ...metadata } = object.metadata;
	const head: [string, unknown][] = [
		["name", name],
		...(namespace === undefined ? [] : [["namespace", namespace] satisfies [string, unknown]]),
		["labels", pairs(labels)],
		["annotations", pairs(annotations)],
		["apiVersion", object.apiVersion],
		["kind", object.kind],
		["metadata", metadata],
		["spec", object.spec ?? {}],
		["status", object.status ?? {}],
	];
	return fields(head, "");
}

function fields(entries: [string, unknown][], indent: string): string {
	const scalars = entries.filter(([, value]) => !isNested(value) && !isBlock(value));
	const width = Math.max(0, ...scalars.map(([key]) => label(key).length + 1)) + 2;
	return entries
		.map(([key, value]) => {
			const head = `${indent}${label(key)}:`;
			if (isNested(value)) return `${head}\n${nested(value, `${indent}  `)}`;
			if (isBlock(value)) return `${head}\n${block(value, `${indent}  `)}`;
			return `${head.padEnd(indent.length + width)}${scalar(value)}\n`;
		})
		.join("");
}

function nested(value: object, indent: string): string {
	if (!Array.isArray(value)) return fields(Object.entries(value), indent);
	return value.map((item) => (isNested(item) ? nested(item, indent) : `${indent}${scalar(item)}\n`)).join("");
}

function isNested(value: unknown): value is object {
	return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function isBlock(value: unknown): value is string {
	return typeof value === "string" && value.includes("\n");
}

function block(text: string, indent: string): string {
	return text.replace(/\n$/, "").replace(/^/gm, indent).concat("\n");
}

function scalar(value: unknown): string {
	if (value === undefined || value === null || value === "" || typeof value === "object") return "<none>";
	return String(value);
}

function pairs(map: Record<string, string> | undefined): string {
	return Object.entries(map ?? {})
		.map(([key, value]) => `${key}=${value}`)
		.join("\n");
}

/** `creationTimestamp` → `Creation Timestamp`; `apiVersion` → `API Version`. */
function label(key: string): string {
	const words = key.replace(/([a-z0-9])([A-Z])/g, "$1 $2");
	return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replace(/\b(Api|Uid|Cpu|Os)\b/g, (word) => word.toUpperCase());
}
