import type { Launch } from "../sandbox/sandbox.ts";

/** One line that matches. */
export interface Match {
	/** Relative to the directory of the search. */
	path: string;
	/** From 1. */
	line: number;
	/** The line, or the beginning of a very long one. */
	text: string;
}

export interface Search {
	/** Real path of the workspace; matches are relative to it. */
	root: string;
	/** Real path of the file or directory to search, in the workspace. */
	target: string;
	pattern: string;
	caseInsensitive: boolean;
	/** Says whether to search a file, by its path relative to the workspace. */
	wanted(path: string): boolean;
	signal: AbortSignal;
	/** How a program that searches is started: as the commands of the session are, and within their limits. */
	launch(command: readonly string[]): Launch;
}

/**
 * Searches the contents of files. Binary files, links, `.git`, `node_modules`, `vendor` and directories whose name
 * begins with a dot are passed over, unless the target lies in one. Matches come in the order of their paths; whoever
 * has enough of them stops reading.
 */
export interface Matcher {
	readonly name: string;
	/** @throws InvalidPattern */
	search(search: Search): AsyncIterable<Match>;
}

/** The pattern is no regular expression that this matcher knows. `message` is a sentence. */
export class InvalidPattern extends Error {
	override readonly name = "InvalidPattern";

	constructor(pattern: string, why: string) {
		super(`"${pattern}" is not a valid regular expression (${why}). Escape what is meant literally with \\.`);
	}
}

/** Bytes of a line that are looked at for its text; the model sees 200 characters of it. */
export const TEXT_BYTES = 65_536;
