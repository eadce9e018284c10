import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";

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

/** In gitignore's syntax, at the root of a workspace. `!node_modules` takes a default back. */
export const IGNORE_FILE = ".klawignore";
const IGNORE_FILE_BYTES = 8 * 1024;

/**
 * Wildcards in one part of a pattern. Patterns become regular expressions, and with more of them one long name would keep
 * the node, and with it every other session, busy for minutes.
 */
const WILDCARDS = 3;
const DEEP_WILDCARDS = 2;
const PATTERN_CHARACTERS = 512;
const PATTERNS = 100;

/** Says whether an entry is left out of checkpoints. Whoever asks does not descend into what is. */
export type Ignores = (path: string, name: string, isDirectory: boolean) => boolean;

const recreatable = new Set(RECREATABLE);
const byDefault: Ignores = (_, name, isDirectory) => (isDirectory ? recreatable.has(name) : TEMPORARY.test(name));

/** The rules of a workspace: the defaults, and what its own file adds. */
export function ignoreRules(root: string): Ignores {
	const text = readIgnoreFile(join(root, IGNORE_FILE));
	return text === undefined ? byDefault : ignoresBy(text);
}

/** @param text of a `.klawignore`; patterns that would take too long are left out, and all but the first {@link PATTERNS} */
export function ignoresBy(text: string): Ignores {
	const patterns = text.slice(0, IGNORE_FILE_BYTES).split(/\r?\n/).filter(isPattern).filter(isAffordable).slice(0, PATTERNS);
	const rules = ignore({ ignorecase: false, allowRelativePaths: true }).add(DEFAULTS).add(patterns);
	return (path, _, isDirectory) => rules.ignores(isDirectory ? `${path}/` : path);
}

function isPattern(line: string): boolean {
	return line.trim() !== "" && !line.startsWith("#");
}

function isAffordable(pattern: string): boolean {
	const parts = pattern.split("/");
	return (
		pattern.length <= PATTERN_CHARACTERS &&
		parts.filter((part) => part === "**").length <= DEEP_WILDCARDS &&
		parts.every((part) => part === "**" || (part.match(/\*+/g)?.length ?? 0) <= WILDCARDS)
	);
}

/** `undefined` unless it is a regular file: a link could lead to anything of the machine. */
function readIgnoreFile(path: string): string | undefined {
	let file: number;
	try {
		file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch {
		return undefined;
	}
	try {
		if (!fstatSync(file).isFile()) return undefined;
		const bytes = Buffer.alloc(IGNORE_FILE_BYTES);
		return bytes.toString("utf8", 0, readSync(file, bytes, 0, bytes.length, 0));
	} catch {
		return undefined;
	} finally {
		closeSync(file);
	}
}
