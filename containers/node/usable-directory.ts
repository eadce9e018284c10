import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "./explain-error.ts";

/** What a directory is for, and the flag that says where it is. */
export interface DirectoryUse {
	/** @example "data directory" */
	what: string;
	/** @example "--data" */
	flag: string;
}

const REASONS: Readonly<Record<string, string>> = {
	ENOTDIR: "it, or a part of its path, is a file and not a directory",
	EEXIST: "it, or a part of its path, is a file and not a directory",
	EACCES: "permission is denied",
	EPERM: "permission is denied",
	EROFS: "it is on a read-only file system",
	// The parent is there all the same: /proc and its like.
	ENOENT: "no directory can be made there",
	ELOOP: "it is a symbolic link that leads in a circle",
	ENAMETOOLONG: "its name is too long for the file system",
	ENOSPC: "its disk is full",
	EDQUOT: "its disk is full",
};

/**
 * A directory in which directories can be made, made itself with its parents if it is missing. That is tried: modes say nothing
 * of root, of read-only file systems and of /proc.
 *
 * @returns its real path
 * @throws Error with a sentence that names the flag
 */
export function usableDirectory(path: string, { what, flag }: DirectoryUse): string {
	try {
		makeDirectory(path);
		const real = realpathSync(path);
		rmdirSync(mkdtempSync(join(real, ".klaw-")));
		return real;
	} catch (error) {
		const reason = REASONS[errorCode(error) ?? ""] ?? (error instanceof Error ? error.message : String(error));
		throw new Error(`The ${what} ${path} cannot be used: ${reason}. Choose another one with ${flag} DIR.`, { cause: error });
	}
}

/**
 * Makes a directory and its parents. Node's own way of doing this never ends below /proc, where a directory is missing and none
 * can be made: it tries the parent, which is there, and then again.
 *
 * @throws NodeJS.ErrnoException
 */
export function makeDirectory(path: string): void {
	try {
		mkdirSync(path);
	} catch (error) {
		if (errorCode(error) === "EEXIST" && statSync(path).isDirectory()) return;
		const parent = dirname(path);
		if (errorCode(error) !== "ENOENT" || existsSync(parent)) throw error;
		makeDirectory(parent);
		mkdirSync(path);
	}
}
