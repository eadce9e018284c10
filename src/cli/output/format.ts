import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { objectName } from "../api-resource.ts";
import { CliError } from "../errors.ts";
import type { Output } from "../io.ts";
import type { KubeList, KubeObject } from "../objects.ts";
import { type CustomColumn, CustomColumnsPrinter, parseCustomColumns, parseCustomColumnsFile } from "./custom-columns.ts";
import { formatJson } from "./json.ts";
import { jsonpath, jsonpathValues } from "./jsonpath.ts";
import { formatYaml } from "./yaml.ts";

/** What `-o` says. `table` and `wide` come from the server's Table. */
export type Format =
	| { type: "json" | "yaml" | "name" | "wide" | "table" }
	| { type: "jsonpath" | "jsonpath-as-json"; template: string }
	| { type: "custom-columns"; columns: CustomColumn[] };

export const OUTPUT_HELP = "json, yaml, name, wide, jsonpath=TEMPLATE or custom-columns=SPEC";

const FORMATS = "custom-columns,custom-columns-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,wide,yaml";

/** Reads the value of `-o`; paths in it are relative to `cwd`. @throws CliError in kubectl's words */
export function readFormat(text: string, cwd: string): Format {
	const [type = "", ...rest] = text.split("=");
	const value = rest.join("=");
	switch (type) {
		case "json":
		case "yaml":
		case "name":
		case "wide":
			if (rest.length === 0) return { type };
			break;
		case "jsonpath":
		case "jsonpath-as-json":
			if (value === "") throw new CliError("template format specified but no template given");
			return { type, template: value };
		case "jsonpath-file":
			return { type: "jsonpath", template: readTemplate(value, cwd, "--template ") };
		case "custom-columns":
			return { type, columns: parseCustomColumns(value) };
		case "custom-columns-file":
			return { type: "custom-columns", columns: parseCustomColumnsFile(readTemplate(value, cwd, "template ")) };
		case "go-template":
		case "go-template-file":
		case "template":
		case "templatefile":
			throw new CliError(`klaw has no Go templates, so -o ${type} is not offered. Use -o jsonpath=TEMPLATE or -o custom-columns=SPEC.`);
	}
	throw new CliError(`unable to match a printer suitable for the output format ${JSON.stringify(text)}, allowed formats are: ${FORMATS}`);
}

/** The same, for what the server makes no tables of. @throws CliError */
export function readObjectFormat(text: string, cwd: string): Format {
	const format = readFormat(text, cwd);
	if (format.type !== "wide" && format.type !== "custom-columns") return format;
	throw new CliError(
		`unable to match a printer suitable for the output format ${JSON.stringify(text)}, allowed formats are: json,jsonpath,jsonpath-as-json,jsonpath-file,name,yaml`,
	);
}

/** For commander: reads the value of `-o`; paths in it are relative to the working directory. */
export function parseFormat(text: string): Format {
	return readFormat(text, process.cwd());
}

function readTemplate(path: string, cwd: string, what: string): string {
	try {
		return readFileSync(resolve(cwd, path), "utf8");
	} catch (error) {
		const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
		const why = missing ? "no such file or directory" : error instanceof Error ? error.message : String(error);
		throw new CliError(`error reading ${what}${path}, open ${path}: ${why}`);
	}
}

/** Writes it; on a terminal to the end of a line, because npx erases the last line when it is not ended. */
export function writeObject(output: Output, value: KubeObject | KubeList, format: Format): void {
	const text = formatObject(value, format);
	output.write(output.isTTY && !text.endsWith("\n") ? `${text}\n` : text);
}

/** An object or a list as text. `table` and `wide` are the server's to make; here they are names. */
export function formatObject(value: KubeObject | KubeList, format: Format, { headers = true } = {}): string {
	switch (format.type) {
		case "json":
			return `${formatJson(value)}\n`;
		case "yaml":
			return formatYaml(value);
		case "jsonpath":
			// Like kubectl, with no newline that the template does not ask for.
			return jsonpath(format.template, value);
		case "jsonpath-as-json":
			return `${formatJson(jsonpathValues(format.template, value))}\n`;
		case "custom-columns":
			return new CustomColumnsPrinter(format.columns, { headers }).print(itemsOf(value));
		default:
			return itemsOf(value)
				.map((item) => `${objectName(item)}\n`)
				.join("");
	}
}

/** Several objects as kubectl shows them: a List of no kind in particular. */
export function listOf(items: KubeObject[]): KubeList {
	return { apiVersion: "v1", kind: "List", items, metadata: { resourceVersion: "" } };
}

/** Without what only tools read. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
	const { managedFields: _, ...metadata } = object.metadata;
	return { ...object, metadata };
}

function itemsOf(value: KubeObject | KubeList): KubeObject[] {
	return "items" in value ? value.items : [value];
}
