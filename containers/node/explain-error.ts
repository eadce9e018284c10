/** The `code` of a failed system call, such as `ENOENT`, or of another error of Node's. */
export function errorCode(error: unknown): string | undefined {
	// Not `instanceof`: an error from a context of `vm` has an `Error` of its own.
	const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
	return typeof code === "string" ? code : undefined;
}

export function isDiskFull(error: unknown): boolean {
	const code = errorCode(error);
	return code === "ENOSPC" || code === "EDQUOT";
}

const SENTENCES: Record<string, (what: string) => string> = {
	ENOSPC: diskFull,
	EDQUOT: diskFull,
	EACCES: (what) => `Permission denied for ${what}. Change its mode with bash, or use another path.`,
	EPERM: (what) => `The operation is not permitted on ${what}. Use another path.`,
	EROFS: (what) => `${what} is on a read-only file system. Use another path.`,
	ENAMETOOLONG: (what) => `The name of ${what} is too long for the file system. Use a shorter one.`,
	ENOTDIR: (what) => `A part of ${what} is a file, not a directory. Use another path.`,
	EEXIST: (what) => `A part of ${what} is a file, not a directory. Use another path.`,
	EISDIR: (what) => `${what} is a directory. Name a file.`,
	ELOOP: (what) => `${what} is a symbolic link that leads in a circle. Name the file itself.`,
	EMFILE: (what) => `The node has too many open files to open ${what}. Try again.`,
	ENFILE: (what) => `The node has too many open files to open ${what}. Try again.`,
};

function diskFull(what: string): string {
	return `The disk of the node is full: ${what} could not be written. Delete what is not needed, or have space freed on the node, and try again.`;
}

/** A sentence about a failed system call on `what`: what was wrong and what to do. */
export function explainError(error: unknown, what: string): string {
	const known = SENTENCES[errorCode(error) ?? ""];
	if (known) return known(what);
	return `The node failed at ${what}: ${error instanceof Error ? error.message : String(error)}.`;
}
