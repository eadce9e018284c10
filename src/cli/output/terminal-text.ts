// C0 controls but tab and newline, DEL, and the C1 controls, which some terminals take for escapes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what is to be found.
const CONTROL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * Text of the server that cannot steer the terminal: control characters are shown instead of obeyed, escapes and carriage
 * returns as kubectl shows them (`^[`, `\r`), others alike (`^G`, `\x9b`).
 */
export function terminalText(text: string): string {
	return text.replace(CONTROL, shown);
}

function shown(control: string): string {
	const code = control.charCodeAt(0);
	if (control === "\r") return "\\r";
	return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `\\x${code.toString(16)}`;
}
