import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { TERMINAL_HELPER } from "./terminal-helper.ts";

/** A way to give a command a terminal on this machine. */
export interface Terminal {
	/** What to run instead of `command`. */
	wrap(command: readonly string[], stdin: boolean): string[];
	/** Takes lines `COLUMNS ROWS` on file descriptor 3. */
	resizes: boolean;
}

const run = promisify(execFile);
const PROBE_MS = 10_000;

/** Alone: neither the workspace nor the environment has a say in what Python loads. */
const PYTHON = ["python3", "-I", "-S", "-c"];

const python: Terminal = { wrap: (command, stdin) => [...PYTHON, TERMINAL_HELPER, stdin ? "1" : "0", ...command], resizes: true };

/** util-linux. Its terminal has the size that it starts with. */
const script: Terminal = { wrap: (command) => ["script", "-qfec", command.map(quote).join(" "), "/dev/null"], resizes: false };

/**
 * How this machine makes terminals; `undefined` when it cannot. Node itself has no call for it, and a native package would
 * have to be built on every machine that joins.
 */
export async function findTerminal(env: Record<string, string>): Promise<Terminal | undefined> {
	const works = (file: string, args: string[]) =>
		run(file, args, { env, timeout: PROBE_MS }).then(
			() => true,
			() => false,
		);
	const [file = "", ...args] = PYTHON;
	if (await works(file, [...args, "import fcntl, pty, termios"])) return python;
	if (process.platform === "linux" && (await works("script", ["-qfec", "true", "/dev/null"]))) return script;
	return undefined;
}

/** One word of a POSIX shell. */
function quote(text: string): string {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
