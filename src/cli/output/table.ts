import type { KubeObject, Metadata } from "../objects.ts";
import { Columns } from "./columns.ts";
import { goNumber } from "./go-value.ts";
import { terminalText } from "./terminal-text.ts";

/** A `meta.k8s.io/v1` Table: the server decides what the columns are. */
export interface Table {
	kind: "Table";
	metadata?: { resourceVersion?: string; continue?: string };
	columnDefinitions?: { name: string; format?: string; priority?: number }[] | null;
	rows: TableRow[];
}

export interface TableRow {
	cells: unknown[];
	/** PartialObjectMetadata, or the whole object where it was asked for. */
	object?: (Omit<Partial<KubeObject>, "metadata"> & { metadata?: Partial<Metadata> }) | null;
}

/** Of `MODIFIED` and `DELETED`. */
const EVENT_WIDTH = 8;

export function isTable(value: unknown): value is Table {
	return typeof value === "object" && value !== null && "kind" in value && value.kind === "Table";
}

export interface TableOptions {
	/** Also the columns of low priority. */
	wide?: boolean;
	headers?: boolean;
	/** A column for the namespace, before all others. */
	withNamespace?: boolean;
	/** Put before each name, for example `agent.klaw.sh`. */
	kind?: string | undefined;
	/** Labels with columns of their own. */
	labelColumns?: readonly string[];
	showLabels?: boolean;
}

/**
 * Prints tables in kubectl's manner, one below another: upper-case heads once, columns three spaces apart. Later tables
 * keep the widths of earlier ones, so that the lines of a watch stay in their columns.
 */
export class TablePrinter {
	readonly #options: TableOptions;
	readonly #columns = new Columns();
	#headed = false;

	constructor(options: TableOptions) {
		this.#options = options;
	}

	/** `event` of each row, where a watch shows them. */
	print(table: Table, event?: string): string {
		const { headers = true } = this.#options;
		const shown = (table.columnDefinitions ?? []).flatMap((column, index) =>
			this.#options.wide || !column.priority ? [{ ...column, index }] : [],
		);
		const lines = table.rows.map((row) => [
			...(event === undefined ? [] : [event.padEnd(EVENT_WIDTH)]),
			...(this.#options.withNamespace ? [row.object?.metadata?.namespace ?? ""] : []),
			...shown.map(
				({ index, format }) => (format === "name" && this.#options.kind ? `${this.#options.kind}/` : "") + cell(row.cells[index]),
			),
			...this.#labels(row),
		]);
		if (headers && !this.#headed) {
			lines.unshift([
				...(event === undefined ? [] : ["EVENT"]),
				...(this.#options.withNamespace ? ["NAMESPACE"] : []),
				...shown.map(({ name }) => name.toUpperCase()),
				...(this.#options.labelColumns ?? []).map((label) => label.slice(label.lastIndexOf("/") + 1).toUpperCase()),
				...(this.#options.showLabels ? ["LABELS"] : []),
			]);
			this.#headed = true;
		}
		return this.#columns.format(lines);
	}

	#labels({ object }: TableRow): string[] {
		const labels = object?.metadata?.labels ?? {};
		const { labelColumns = [], showLabels = false } = this.#options;
		return [...labelColumns.map((label) => labels[label] ?? ""), ...(showLabels ? [formatLabels(labels)] : [])];
	}
}

/** One table with its heads. */
export function formatTable(table: Table, options: TableOptions): string {
	return new TablePrinter(options).print(table);
}

/** `a=b,c=d`, in the order of the keys. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
	const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
	return pairs.length === 0 ? "<none>" : pairs.sort().join(",");
}

/** A cell is one line, whatever a prompt or a message holds. */
function cell(value: unknown): string {
	if (value === undefined || value === null) return "";
	if (typeof value === "number") return goNumber(value);
	const text = String(value);
	const end = text.search(/[\f\n\r]/);
	return terminalText(end === -1 ? text : `${text.slice(0, end)}...`);
}
