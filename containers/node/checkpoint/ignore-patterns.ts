/** In gitignore's syntax, at the root of a workspace. `!node_modules` takes a default back. */
export const IGNORE_FILE = ".klawignore";
export const IGNORE_FILE_BYTES = 8 * 1024;

/**
 * Wildcards in one part of a pattern. Patterns become regular expressions, and with more of them one long name would keep
 * the node, and with it every other session, busy for minutes.
 */
const WILDCARDS = 3;
const DEEP_WILDCARDS = 2;
const PATTERN_CHARACTERS = 512;
const PATTERNS = 100;
/** Lines that are named for one reason. */
const NAMED = 3;
const NEWLINE = 10;

export interface IgnorePatterns {
	/** Those that count. */
	patterns: string[];
	/** What does not count, why, and what to do, as sentences for the model; absent: everything counts. */
	problem?: string;
}

/** @param start of a `.klawignore`: what comes after {@link IGNORE_FILE_BYTES} is not read, and neither is the line that is cut there */
export function ignorePatterns(start: Uint8Array): IgnorePatterns {
	const isCut = start.byteLength > IGNORE_FILE_BYTES;
	// Half a pattern is another one, which may name what is to be kept.
	const whole = isCut ? start.subarray(0, start.lastIndexOf(NEWLINE, IGNORE_FILE_BYTES - 1) + 1) : start;
	const lines = new TextDecoder().decode(whole).split(/\r?\n/);
	const patterns: string[] = [];
	const leftOut = new Map<string, number[]>();
	for (const [index, line] of lines.entries()) {
		if (!isPattern(line)) continue;
		const why = unaffordable(line) ?? (patterns.length >= PATTERNS ? `after the first ${PATTERNS} patterns` : undefined);
		if (why === undefined) patterns.push(line);
		else leftOut.set(why, [...(leftOut.get(why) ?? []), index + 1]);
	}
	const parts = [...leftOut].map(([why, numbers]) => `${shownLines(numbers)} (${why})`);
	if (isCut) parts.push(`line ${lines.length} and all after it (past the first ${IGNORE_FILE_BYTES / 1024} KiB)`);
	return parts.length === 0 ? { patterns } : { patterns, problem: explain(parts) };
}

function isPattern(line: string): boolean {
	return line.trim() !== "" && !line.startsWith("#");
}

/** Why a pattern would take too long; `undefined` when it would not. */
function unaffordable(pattern: string): string | undefined {
	const parts = pattern.split("/");
	if (pattern.length > PATTERN_CHARACTERS) return `over ${PATTERN_CHARACTERS} characters`;
	if (parts.filter((part) => part === "**").length > DEEP_WILDCARDS) return `more than ${DEEP_WILDCARDS} **`;
	const isWild = (part: string) => part !== "**" && (part.match(/\*+/g)?.length ?? 0) > WILDCARDS;
	return parts.some(isWild) ? `more than ${WILDCARDS} * in one name` : undefined;
}

function shownLines(numbers: readonly number[]): string {
	const named = numbers.slice(0, NAMED).join(", ");
	const more = numbers.length > NAMED ? ` and ${numbers.length - NAMED} more` : "";
	return `${numbers.length === 1 ? "line" : "lines"} ${named}${more}`;
}

function explain(parts: readonly string[]): string {
	return `Not all of ${IGNORE_FILE} counts, so checkpoints may have files that it names, or lack files that it takes back. Left out of it: ${parts.join("; ")}. Name directories rather than single files, in fewer and simpler patterns.`;
}
