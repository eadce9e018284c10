import type { Schema, Schemas } from "./schema.ts";

const MARGIN = "    ";
/** Of the terminal, with the margin. */
const WIDTH = 80;
/** Of an enum that stands beside its field. */
const MOST_VALUES = 4;

/** What begins each explanation. */
export function explainHead({ group, version, kind }: { group: string; version: string; kind: string }): string {
	return `${group === "" ? "" : `GROUP:      ${group}\n`}KIND:       ${kind}\nVERSION:    ${version}\n\n`;
}

/** Explains a schema. `field` is the last part of the path to it; absent: it is that of the kind itself. */
export function explain(
	schemas: Schemas,
	schema: Schema,
	{ field, recursive = false }: { field?: string | undefined; recursive?: boolean } = {},
): string {
	const lines: string[] = [];
	if (field !== undefined) {
		lines.push(`FIELD: ${field} <${schemas.typeOf(schema)}>`);
		const values = schemas.resolve(schema).enum;
		if (values) lines.push("ENUM:", ...values.map((value) => `${MARGIN}${value}`), "");
		else lines.push("", "");
	}
	const descriptions = schemas.descriptions(schema).flatMap(wrapped);
	lines.push("DESCRIPTION:", ...(descriptions.length > 0 ? [...descriptions, MARGIN] : [`${MARGIN}<empty>`]));
	const fields = fieldLines(schemas, schemas.element(schema), { recursive, margin: "  ", above: [] });
	if (fields.length > 0) lines.push("FIELDS:", ...fields);
	lines.push("");
	return `${lines.join("\n")}\n`;
}

interface FieldOptions {
	recursive: boolean;
	margin: string;
	/** Schemas that these fields are within: one that is within itself is not repeated. */
	above: readonly Schema[];
}

function fieldLines(schemas: Schemas, schema: Schema, { recursive, margin, above }: FieldOptions): string[] {
	const required = new Set(schema.required ?? []);
	const entries = Object.entries(schema.properties ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	return entries.flatMap(([name, field]) => {
		const resolved = schemas.resolve(field);
		const lines = [`${margin}${name}\t<${schemas.typeOf(field)}>${required.has(name) ? " -required-" : ""}`];
		if (resolved.enum) lines.push(`${margin}enum: ${shortened(resolved.enum).join(", ")}`);
		if (!recursive) return [...lines, ...wrapped(field.description ?? "<no description>"), ""];
		const element = schemas.element(field);
		if (above.includes(element)) return lines;
		return [...lines, ...fieldLines(schemas, element, { recursive, margin: `${margin}  `, above: [...above, element] })];
	});
}

/** The first values, and dots for the others, as kubectl has it. */
function shortened(values: readonly unknown[]): readonly unknown[] {
	return values.length > MOST_VALUES ? [...values.slice(0, MOST_VALUES), "...."] : values;
}

/** A text in lines of the width, behind the margin. */
function wrapped(text: string): string[] {
	return text.split("\n").flatMap((paragraph) => {
		const lines: string[] = [];
		let line = /^\s*/.exec(paragraph)?.[0] ?? "";
		let empty = true;
		for (const word of paragraph.split(/\s+/).filter((one) => one !== "")) {
			if (!empty && MARGIN.length + line.length + 1 + word.length > WIDTH) {
				lines.push(MARGIN + line);
				line = word;
			} else line += empty ? word : ` ${word}`;
			empty = false;
		}
		return [...lines, MARGIN + line];
	});
}
