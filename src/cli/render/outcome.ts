/** `Failed (MissingKey)`: a phase in whatever words, and the reason's code unless it only repeats the phase. */
export function withCode(words: string, phase: string | undefined, code: string): string {
	return code === phase ? words : `${words} (${code})`;
}
