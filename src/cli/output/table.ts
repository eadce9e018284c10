/** A `meta.k8s.io/v1` Table: the server decides what the columns are. */
export interface Table {
	kind: "Table";
	columnDefinitions: { name: string; priority?: number }[];
	rows: { cells: unknown[] }[];
}

export function isTable(value: unknown): value is Table {
	return typeof value === "object" && value !== null && "kind" in value && value.kind === "Table";
}

/** Columns in kubectl's manner: upper-case heads, three spaces between; those of low priority only when `wide`. */
export function formatTable(table: Table, { wide, headers }: { wide: boolean; headers: boolean }): string {
	const shown = table.columnDefinitions.flatMap((column, index) => (wide || !column.priority ? [{ column, index }] : []));
	const rows = table.rows.map((row) => shown.map(({ index }) => cell(row.cells[index])));
	const lines = headers ? [shown.map(({ column }) => column.name.toUpperCase()), ...rows] : rows;
	const widths = shown.map((_, place) => Math.max(...lines.map((line) => line[place]?.length ?? 0)));
	return lines
		.map((line) => `${line.map((text, place) => (place === line.length - 1 ? text : text.padEnd(widths[place] ?? 0))).join("   ")}\n`)
		.join("");
}

function cell(value: unknown): string {
	if (value === undefined || value === null || value === "") return "<none>";
	// A cell is one line, whatever a prompt or a message holds.
	return String(value).replace(/\s*\n\s*/g, " ");
}
