import { CliError } from "../errors.ts";
import { Columns } from "./columns.ts";
import { goValue } from "./go-value.ts";
import { evaluatePath, type JsonPath, parsePath } from "./jsonpath.ts";

export interface CustomColumn {
	header: string;
	path: JsonPath;
}

/** Reads `HEADER:PATH,…` of `-o custom-columns=`. @throws CliError in kubectl's words */
export function parseCustomColumns(spec: string): CustomColumn[] {
	if (spec === "") throw new CliError("custom-columns format specified but no custom columns given");
	return spec.split(",").map((part) => {
		const [header = "", ...path] = part.split(":");
		if (path.length !== 1) throw new CliError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
		return { header, path: parsePath(path[0] ?? "") };
	});
}

/** Reads a file of `-o custom-columns-file=`: a line of headers and below it a line of paths. @throws CliError */
export function parseCustomColumnsFile(text: string): CustomColumn[] {
	const [headers = [], paths = []] = text.split("\n").map((line) => line.trim().split(/\s+/));
	if (headers.length !== paths.length)
		throw new CliError(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`);
	return headers.map((header, index) => ({ header, path: parsePath(paths[index] ?? "") }));
}

/** Prints objects in columns, one call below another. */
export class CustomColumnsPrinter {
	readonly #definition: readonly CustomColumn[];
	readonly #columns = new Columns();
	#headed: boolean;

	constructor(definition: readonly CustomColumn[], { headers = true }: { headers?: boolean } = {}) {
		this.#definition = definition;
		this.#headed = !headers;
	}

	print(objects: readonly unknown[]): string {
		const lines = objects.map((object) => this.#definition.map(({ path }) => cell(evaluatePath(path, object))));
		if (!this.#headed) lines.unshift(this.#definition.map(({ header }) => header));
		this.#headed = true;
		// A value of several lines goes on in the first column.
		return this.#columns.format(lines.flatMap((line) => line.join("\t").split("\n")).map((line) => line.split("\t")));
	}
}

function cell(values: readonly unknown[]): string {
	return values.length === 0 ? "<none>" : values.map(goValue).join(",");
}
