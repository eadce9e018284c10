import type { FileHandle } from "node:fs/promises";
import { lstat } from "node:fs/promises";
import { join, relative } from "node:path";
import { createContext, Script } from "node:vm";
import { glob } from "tinyglobby";
import { errorCode } from "../explain-error.ts";
import { ToolError } from "../tools/node-tool.ts";
import { boundedLines, type Line } from "../workspace/bounded-lines.ts";
import { openEntry } from "../workspace/confine.ts";
import { listInside } from "../workspace/list-inside.ts";
import { InvalidPattern, type Match, type Matcher, type Search, TEXT_BYTES } from "./matcher.ts";
import { SKIPPED } from "./skipped.ts";

/** Bytes of a line that are searched. Longer ones are no text that someone wrote. */
const LINE_BYTES = 8 * 2 ** 20;
/** How long the pattern may take for one piece of a file before it is called too slow. */
const PIECE_MS = 1_000;

/** The matcher where ripgrep is not installed. */
export const javascript: Matcher = { name: "javascript", search };

async function* search({ root, target, pattern, caseInsensitive, wanted, signal }: Search): AsyncGenerator<Match> {
	const test = testerOf(compile(pattern, caseInsensitive), pattern);
	for (const path of await filesOf(root, target, signal)) {
		if (!wanted(path)) continue;
		const handle = await openFile(root, join(root, path));
		if (!handle) continue;
		let number = 0;
		try {
			// Without the signal: a stream that it destroys after its end has nobody left to hear the error.
			for await (const lines of boundedLines(handle.createReadStream({ autoClose: false }), LINE_BYTES)) {
				signal.throwIfAborted();
				if (lines.some((line) => line.bytes.includes(0))) break; // binary
				for (const index of test(lines)) {
					yield { path, line: number + index + 1, text: lines[index]?.bytes.toString("utf8", 0, TEXT_BYTES) ?? "" };
				}
				number += lines.length;
			}
		} finally {
			await handle.close();
		}
	}
}

/** Paths relative to the root, a directory's files before those of the next, as ripgrep sorts them. */
async function filesOf(root: string, target: string, signal: AbortSignal): Promise<string[]> {
	const from = relative(root, target);
	if (!(await lstat(target)).isDirectory()) return [from];
	const found = await glob("**", {
		cwd: target,
		dot: true,
		ignore: [".*", ...SKIPPED].map((name) => `**/${name}/**`),
		followSymbolicLinks: false,
		fs: { readdir: listInside(root) },
		signal,
	});
	signal.throwIfAborted();
	return found.map((path) => join(from, path)).sort((a, b) => compareParts(a.split("/"), b.split("/")));
}

function compareParts(a: string[], b: string[]): number {
	const at = a.findIndex((part, index) => part !== b[index]);
	if (at === -1) return 0;
	return (a[at] ?? "") < (b[at] ?? "") ? -1 : 1;
}

/** `undefined` for what cannot be searched: gone since, a link, or not readable. */
async function openFile(root: string, path: string): Promise<FileHandle | undefined> {
	try {
		return await openEntry(root, path);
	} catch (error) {
		// A ToolError: something other than a file.
		if (error instanceof ToolError || ["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM", "ENXIO"].includes(errorCode(error) ?? ""))
			return undefined;
		throw error;
	}
}

/** Reads the pattern as ripgrep would, as far as JavaScript's expressions go: `(?i)` in front is a flag. */
function compile(pattern: string, caseInsensitive: boolean): RegExp {
	const [prefix, inline = ""] = /^\(\?([ims]+)\)/.exec(pattern) ?? [""];
	const source = pattern.slice(prefix.length);
	const flags = [...new Set([...inline, ...(caseInsensitive ? "i" : "")])].join("");
	try {
		return new RegExp(source, `${flags}u`);
	} catch {
		// Without `u`, escapes that mean nothing (\-) are allowed, as ripgrep allows them.
	}
	try {
		return new RegExp(source, flags);
	} catch (error) {
		throw new InvalidPattern(pattern, error instanceof Error ? error.message.replace(/^Invalid regular expression: /, "") : String(error));
	}
}

/**
 * Indices of the lines that match. JavaScript's expressions backtrack, and `(a+)+$` would hold up the whole runtime:
 * a script of `vm` is the one piece of JavaScript that can be given a time limit.
 */
function testerOf(expression: RegExp, pattern: string): (lines: readonly Line[]) => number[] {
	const script = new Script("match()");
	let lines: readonly Line[] = [];
	const match = () => lines.flatMap((line, index) => (expression.test(line.bytes.toString()) ? [index] : []));
	const context = createContext({ match });
	return (piece) => {
		lines = piece;
		try {
			return script.runInContext(context, { timeout: PIECE_MS });
		} catch (error) {
			if (errorCode(error) !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
			throw new ToolError(`The regular expression "${pattern}" takes too long. Write it without repetitions of repetitions such as (a+)+.`);
		}
	};
}
