import { align, DESCRIBE_PADDING } from "../output/tabwriter.ts";
import { terminalText } from "../output/terminal-text.ts";

/** The text of a description as it grows: lines at a depth, with tabs between what is to stand in columns. */
export class Description {
	readonly #lines: string[] = [];

	/** @param level two spaces each */
	line(level: number, ...cells: string[]): void {
		this.#lines.push(`${"  ".repeat(level)}${cells.join("\t")}`);
	}

	/** `Labels:` with the first value behind it and the others below. */
	list(level: number, label: string, values: readonly string[]): void {
		for (const [index, value] of (values.length > 0 ? values : ["<none>"]).entries())
			this.line(index === 0 ? level : 0, index === 0 ? `${label}:` : "", value);
	}

	/** A head, a rule below it and rows, all of the same number of cells. */
	table(level: number, heads: readonly string[], rows: readonly (readonly string[])[]): void {
		this.line(level, ...heads);
		this.line(level, ...heads.map((head) => "-".repeat(head.length)));
		for (const row of rows) this.line(level, ...row);
	}

	toString(): string {
		return align(terminalText(this.#lines.map((line) => `${line}\n`).join("")), DESCRIBE_PADDING);
	}
}
