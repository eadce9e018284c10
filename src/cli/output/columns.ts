import { pad, TABLE_PADDING, widthOf } from "./tabwriter.ts";

/**
 * Lines of cells in columns, three spaces apart. What is printed later keeps the widths of what was printed before, so that
 * the lines of a watch stay below each other.
 */
export class Columns {
	readonly #widths: number[] = [];

	/** The last cell of a line is in no column, as nothing stands behind it. */
	format(lines: readonly (readonly string[])[]): string {
		for (const line of lines)
			for (const [place, text] of line.slice(0, -1).entries())
				this.#widths[place] = Math.max(this.#widths[place] ?? TABLE_PADDING.minWidth, widthOf(text) + TABLE_PADDING.padding);
		return lines
			.map((line) => `${line.map((text, place) => (place === line.length - 1 ? text : pad(text, this.#widths[place] ?? 0))).join("")}\n`)
			.join("");
	}
}

/** Lines of cells as one table. */
export function formatColumns(lines: readonly (readonly string[])[]): string {
	return new Columns().format(lines);
}
