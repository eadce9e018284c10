const ESCAPE = "\u001b";

/** Text of the server that cannot steer the terminal: escapes and carriage returns are shown instead of obeyed. */
export function terminalText(text: string): string {
	return text.replaceAll(ESCAPE, "^[").replaceAll("\r", "\\r");
}
