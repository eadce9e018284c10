import type { Readable } from "node:stream";

export interface Output {
	/** Bytes are written as they are. */
	write(text: string | Buffer): unknown;
	isTTY?: boolean | undefined;
}

/** Everything of the outside world that a command touches, so that tests can run a command in their own process. */
export interface Io {
	stdin: Readable & { isTTY?: boolean | undefined };
	stdout: Output;
	stderr: Output;
	env: Readonly<Record<string, string | undefined>>;
	/** Absolute paths. */
	cwd: string;
	home: string;
	/** Calls back on each Ctrl-C, SIGTERM and SIGHUP until the returned function is called. */
	onInterrupt(listener: (signal: NodeJS.Signals) => void): () => void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The process's own. */
export function processIo(home: string): Io {
	return {
		stdin: process.stdin,
		stdout: process.stdout,
		stderr: process.stderr,
		env: process.env,
		cwd: process.cwd(),
		home,
		onInterrupt(listener) {
			for (const signal of SIGNALS) process.on(signal, listener);
			return () => {
				for (const signal of SIGNALS) process.off(signal, listener);
			};
		},
	};
}
