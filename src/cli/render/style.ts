import { stripVTControlCharacters } from "node:util";

/** The two emphases the command uses. */
export interface Style {
	dim(text: string): string;
	bold(text: string): string;
}

export const PLAIN: Style = { dim: (text) => text, bold: (text) => text };
export const ANSI: Style = { dim: (text) => `\x1b[2m${text}\x1b[22m`, bold: (text) => `\x1b[1m${text}\x1b[22m` };

/** Plain unless the stream is a terminal that wants colours (https://no-color.org). */
export function styleFor(output: { isTTY?: boolean | undefined }, env: Readonly<Record<string, string | undefined>>): Style {
	return output.isTTY && !env.NO_COLOR && env.TERM !== "dumb" ? ANSI : PLAIN;
}

// C0 controls but tab and newline, DEL, and the C1 controls: what could move the cursor or retitle the terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is to be found.
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * Makes text of a model or a command harmless to a terminal: such text may not move the cursor, hide what stands above
 * it or change the title. A lone carriage return, as of a progress bar, begins a new line.
 */
export function printable(text: string): string {
	return stripVTControlCharacters(text).replace(/\r\n?/g, "\n").replace(CONTROL, "");
}
