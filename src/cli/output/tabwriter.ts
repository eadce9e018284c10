/** How kubectl pads: columns of tables are three spaces apart and at least six wide, those of `describe` two spaces. */
export interface Padding {
	minWidth: number;
	padding: number;
}

export const TABLE_PADDING: Padding = { minWidth: 6, padding: 3 };
export const DESCRIBE_PADDING: Padding = { minWidth: 0, padding: 2 };

/**
 * Aligns text at its tabs, as elastic tabstops do: a column is a run of lines that all have a tab there, and it is as
 * wide as its widest cell. What follows the last tab of a line belongs to no column.
 *
 * @example align("NAME\tAGE\nlonger\t5d\n", TABLE_PADDING) // "NAME     AGE\nlonger   5d\n"
 */
export function align(text: string, padding: Padding): string {
	const lines = text.split("\n").map((line) => line.split("\t"));
	alignColumn(lines, 0, 0, lines.length, padding);
	return lines.map((cells) => cells.join("")).join("\n");
}

/** Pads the cells of one column, in the lines from `start` up to `end`, and then those of the columns after it. */
function alignColumn(lines: string[][], column: number, start: number, end: number, padding: Padding): void {
	for (let first = start; first < end; first++) {
		let last = first;
		while (last < end && column < (lines[last]?.length ?? 0) - 1) last += 1;
		if (last === first) continue;
		const block = lines.slice(first, last);
		const width = Math.max(padding.minWidth, ...block.map((cells) => widthOf(cells[column] ?? "") + padding.padding));
		for (const cells of block) cells[column] = pad(cells[column] ?? "", width);
		alignColumn(lines, column + 1, first, last, padding);
		first = last;
	}
}

/** Characters, not columns of the terminal: so kubectl counts too. */
export function widthOf(text: string): number {
	return [...text].length;
}

export function pad(text: string, width: number): string {
	return text + " ".repeat(Math.max(0, width - widthOf(text)));
}
