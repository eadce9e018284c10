import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";
import { errorCode } from "../explain-error.ts";
import { IGNORE_FILE, IGNORE_FILE_BYTES, ignorePatterns } from "./ignore-patterns.ts";

/** Directories that a command makes again, wherever they are. */
const RECREATABLE = [
	"node_modules",
	".venv",
	"venv",
	"target",
	"__pycache__",
	".pytest_cache",
	".mypy_cache",
	".gradle",
	".cache",
	".npm",
	".pnpm-store",
];
/** What the file tools write beside a file before they replace it. */
const TEMPORARY = /^\.klaw-.*\.tmp$/;
const DEFAULTS = [...RECREATABLE.map((name) => `${name}/`), ".klaw-*.tmp"];

/** Says whether an entry is left out of checkpoints. Whoever asks does not descend into what is. */
export type Ignores = (path: string, name: string, isDirectory: boolean) => boolean;

/** A `.klawignore` of which not everything counts. */
export interface IgnoreProblem {
	/** Sentences for the model. */
	message: string;
	/** Another one when the file is another: what was said of a file need not be said again. */
	of: string;
}

export interface IgnoreRules {
	ignores: Ignores;
	/** Absent: there is none. */
	problem?: IgnoreProblem;
}

const recreatable = new Set(RECREATABLE);
const byDefault: Ignores = (_, name, isDirectory) => (isDirectory ? recreatable.has(name) : TEMPORARY.test(name));

const NOT_A_FILE: IgnoreProblem = {
	message: `${IGNORE_FILE} is not a file that can be read (links are not followed), so nothing of it counts, and checkpoints may have files that it names. Put a regular file in its place.`,
	of: "not a file",
};

/** The rules of a workspace: the defaults, and what its own file adds. */
export function ignoreRules(root: string): IgnoreRules {
	const start = readIgnoreFile(join(root, IGNORE_FILE));
	if (start === "none") return { ignores: byDefault };
	if (start === "not a file") return { ignores: byDefault, problem: NOT_A_FILE };
	const { patterns, problem } = ignorePatterns(start);
	const ignores = ignoresBy(patterns);
	if (problem === undefined) return { ignores };
	return { ignores, problem: { message: problem, of: createHash("sha256").update(start).digest("base64url") } };
}

/** By gitignore's patterns, after the defaults. */
function ignoresBy(patterns: readonly string[]): Ignores {
	const rules = ignore({ ignorecase: false, allowRelativePaths: true }).add(DEFAULTS).add(patterns);
	return (path, _, isDirectory) => rules.ignores(isDirectory ? `${path}/` : path);
}

/** Only a regular file: a link could lead to anything of the machine. One byte more than counts, which says that there is more. */
function readIgnoreFile(path: string): Uint8Array | "none" | "not a file" {
	let file: number;
	try {
		file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		return errorCode(error) === "ENOENT" ? "none" : "not a file";
	}
	try {
		if (!fstatSync(file).isFile()) return "not a file";
		const bytes = Buffer.alloc(IGNORE_FILE_BYTES + 1);
		return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
	} catch {
		return "not a file";
	} finally {
		closeSync(file);
	}
}
