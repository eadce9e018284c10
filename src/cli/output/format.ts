import { InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import type { Output } from "../io.ts";
import { findKindOf, qualified } from "../kinds.ts";
import type { KubeList, KubeObject } from "../objects.ts";
import { jsonpath } from "./jsonpath.ts";

/** What `-o` says. `table` and `wide` come from the server's Table. */
export type Format = { type: "json" | "yaml" | "name" | "wide" | "table" } | { type: "jsonpath"; template: string };

export const OUTPUT_HELP = "json, yaml, name, wide or jsonpath=TEMPLATE";

/** For commander: reads the value of `-o`. */
export function parseFormat(text: string): Format {
	if (text === "json" || text === "yaml" || text === "name" || text === "wide") return { type: text };
	if (text.startsWith("jsonpath=")) return { type: "jsonpath", template: text.slice("jsonpath=".length) };
	throw new InvalidArgumentError(`It must be ${OUTPUT_HELP}.`);
}

/** Writes it; on a terminal to the end of a line, because npx erases the last line when it is not ended. */
export function writeObject(output: Output, value: KubeObject | KubeList, format: Format): void {
	const text = formatObject(value, format);
	output.write(output.isTTY && !text.endsWith("\n") ? `${text}\n` : text);
}

/** An object or a list as text. `table` and `wide` are the server's to make; here they are names. */
export function formatObject(value: KubeObject | KubeList, format: Format): string {
	switch (format.type) {
		case "json":
			return `${JSON.stringify(value, null, 4)}\n`;
		case "yaml":
			return stringify(value, { lineWidth: 0 });
		case "jsonpath":
			// Like kubectl, with no newline that the template does not ask for.
			return jsonpath(format.template, value);
		default:
			return itemsOf(value)
				.map((item) => `${qualified(findKindOf(item))}/${item.metadata.name}\n`)
				.join("");
	}
}

function itemsOf(value: KubeObject | KubeList): KubeObject[] {
	return "items" in value ? value.items : [value];
}
