import { type ChildProcess, spawn } from "node:child_process";

/** A command that runs beside the test, and what it has printed so far. */
export class RunningCommand {
	/** Resolves with its exit code, or with the name of the signal that killed it, once all its output is here. */
	readonly ended: Promise<number | string>;
	readonly #child: ChildProcess;
	#stdout = "";
	#stderr = "";

	constructor(program: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
		const child = spawn(program, args, { ...options, stdio: ["pipe", "pipe", "pipe"] });
		this.#child = child;
		child.stdin.on("error", () => undefined);
		child.stdout.setEncoding("utf8").on("data", (text) => (this.#stdout += text));
		child.stderr.setEncoding("utf8").on("data", (text) => (this.#stderr += text));
		this.ended = new Promise((resolve, reject) => {
			child.once("error", reject);
			child.once("close", (code, signal) => resolve(signal ?? code ?? 0));
		});
	}

	/** Of the process, while it runs. */
	get pid(): number | undefined {
		return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
	}

	get stdout(): string {
		return this.#stdout;
	}

	get stderr(): string {
		return this.#stderr;
	}

	/** Types into its standard input. */
	type(text: string): void {
		this.#child.stdin?.write(text);
	}

	/** Ends its standard input. */
	endInput(): void {
		this.#child.stdin?.end();
	}

	/** Sends a signal, and returns how it ended. Harmless when it has ended. */
	async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<number | string> {
		this.#child.kill(signal);
		return this.ended;
	}
}
