import { Readable } from "node:stream";
import type { Io } from "./io.ts";
import { run } from "./program.ts";

export interface Ran {
	code: number;
	stdout: string;
	stderr: string;
}

/** Runs a command line in this process, for tests. `interrupt` is called with a function that is Ctrl-C. */
export async function runKlaw(
	argv: readonly string[],
	options: {
		stdin?: string | Readable;
		env?: Record<string, string>;
		cwd?: string;
		/** stdout is a terminal. */
		isTTY?: boolean;
		onStart?: (interrupt: () => void, output: () => string) => void;
	} = {},
): Promise<Ran> {
	let stdout = "";
	let stderr = "";
	const listeners = new Set<(signal: NodeJS.Signals) => void>();
	const stdin = options.stdin ?? "";
	const io: Io = {
		stdin: typeof stdin === "string" ? Readable.from(stdin === "" ? [] : [stdin]) : stdin,
		stdout: { write: (text) => (stdout += text), isTTY: options.isTTY },
		stderr: { write: (text) => (stderr += text) },
		env: options.env ?? {},
		cwd: options.cwd ?? "/nowhere",
		home: "/nowhere",
		onInterrupt(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	options.onStart?.(
		() => {
			for (const listener of listeners) listener("SIGINT");
		},
		() => stdout + stderr,
	);
	return { code: await run(argv, io), stdout, stderr };
}
