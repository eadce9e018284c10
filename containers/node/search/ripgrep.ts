import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { ToolError } from "../tools/node-tool.ts";
import { boundedLines, type Line } from "../workspace/bounded-lines.ts";
import { InvalidPattern, type Match, type Matcher, type Search, TEXT_BYTES } from "./matcher.ts";
import { SKIPPED } from "./skipped.ts";

/** More of one file is never shown. */
const FILE_MATCHES = 101;

/** The matcher that runs ripgrep, where it is on the `PATH`. */
export function findRipgrep(path = process.env.PATH ?? ""): Matcher | undefined {
	const program = path
		.split(delimiter)
		.map((directory) => join(directory, "rg"))
		.find(isExecutable);
	return program === undefined ? undefined : { name: "ripgrep", search: (search) => ripgrep(program, search) };
}

async function* ripgrep(
	program: string,
	{ root, target, pattern, caseInsensitive, wanted, signal, launch }: Search,
): AsyncGenerator<Match> {
	const { setup, argv } = launch([
		program,
		...["--no-config", "--no-messages", "--no-ignore", "--hidden", "--sort=path", `--max-count=${FILE_MATCHES}`],
		...["--null", "--line-number", "--with-filename", "--no-heading", "--color=never"],
		...[".*", ...SKIPPED].map((name) => `--glob=!${name}/`),
		...(caseInsensitive ? ["--ignore-case"] : []),
		`--regexp=${pattern}`,
		"--",
		relative(root, target) || ".",
	]);
	// In a group of its own: what keeps it apart may be a process around it.
	const child = spawn("/bin/sh", ["-c", `${setup}\nexec "$@"`, "sh", ...argv], {
		...{ cwd: root, env: {}, detached: true },
		stdio: ["ignore", "pipe", "pipe"],
	});
	const kill = () => killGroup(child);
	signal.addEventListener("abort", kill, { once: true });
	let complaint = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		if (complaint.length < 2_000) complaint += text;
	});
	const ended = new Promise<number | null>((resolve) => {
		child.on("close", resolve);
		child.on("error", (error) => {
			complaint ||= error.message;
		});
	});
	try {
		for await (const lines of boundedLines(child.stdout, TEXT_BYTES)) {
			for (const line of lines) {
				const match = matchOf(line);
				if (match && wanted(match.path)) yield match;
			}
		}
		const code = await ended;
		// 2 without a word means that some file could not be read; what was found in the others counts.
		if (code === 2 && complaint !== "") throw new InvalidPattern(pattern, reasonOf(complaint));
		// 1 is that nothing was found, and then it says nothing.
		if ((code === null || code > 2 || (code === 1 && complaint !== "")) && !signal.aborted)
			throw new ToolError(`The search was killed; lines of many megabytes take more memory than the session may have. ${complaint.trim()}`);
	} finally {
		signal.removeEventListener("abort", kill);
		kill();
	}
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
	if (pid === undefined || exitCode !== null || signalCode !== null) return;
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// It ended just now.
	}
}

/** `path NUL number:text`. Lines without NUL are ripgrep's remarks on binary files. */
function matchOf({ bytes }: Line): Match | undefined {
	const nul = bytes.indexOf(0);
	const colon = bytes.indexOf(":", nul);
	if (nul === -1 || colon === -1) return undefined;
	const path = bytes.toString("utf8", 0, nul);
	return {
		path: path.startsWith("./") ? path.slice(2) : path,
		line: Number(bytes.toString("latin1", nul + 1, colon)),
		text: bytes.toString("utf8", colon + 1),
	};
}

/** The last line of ripgrep's explanation, such as `error: unclosed group`. */
function reasonOf(complaint: string): string {
	const lines = complaint.split("\n").map((line) => line.trim());
	return (lines.findLast((line) => line.startsWith("error: ")) ?? lines.find((line) => line !== "") ?? "").replace("error: ", "");
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
