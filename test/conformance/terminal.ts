/** A directory with `kubectl` and `klaw` on its PATH and the kubeconfig that `klaw up` wrote, unchanged. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { KLAW, type Klaw } from "../e2e/klaw-process.ts";
import { findKubectl } from "./kubectl.ts";

/** No command of a transcript takes longer, or it hangs. */
const COMMAND_TIMEOUT_MS = 30_000;

export interface Printed {
	stdout: string[];
	stderr: string[];
	exitCode: number;
}

/** A command that runs, and what it has printed so far. */
export class Running {
	readonly ended: Promise<Printed>;
	readonly #child: ChildProcess;
	#stdout = "";
	#stderr = "";
	#onOutput: () => void = () => undefined;

	constructor(command: string, options: { cwd: string; env: NodeJS.ProcessEnv }) {
		// A process group of its own, so that whatever bash has started ends with it.
		const child = spawn("bash", ["-c", command], { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
		this.#child = child;
		child.stdout.setEncoding("utf8").on("data", (text) => this.#printed(() => (this.#stdout += text)));
		child.stderr.setEncoding("utf8").on("data", (text) => this.#printed(() => (this.#stderr += text)));
		this.ended = new Promise((resolve, reject) => {
			child.once("error", reject);
			child.once("close", (code, signal) => {
				this.#onOutput();
				resolve({ ...this.soFar, exitCode: code ?? (signal === "SIGKILL" ? 137 : 143) });
			});
		});
	}

	/** The lines that are there, the last of which may go on. */
	get soFar(): { stdout: string[]; stderr: string[] } {
		return { stdout: toLines(this.#stdout), stderr: toLines(this.#stderr) };
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null;
	}

	/** Resolves when it prints something more or ends, at the latest after `timeoutMs`. */
	changed(timeoutMs: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, timeoutMs);
			this.#onOutput = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** Ends it and whatever it has left running. */
	kill(): void {
		const { pid } = this.#child;
		if (pid === undefined) return;
		try {
			process.kill(-pid, "SIGKILL");
		} catch (error) {
			if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
		}
	}

	#printed(append: () => void): void {
		append();
		this.#onOutput();
	}
}

export class Terminal {
	readonly dir: string;
	readonly #env: NodeJS.ProcessEnv;

	private constructor(dir: string, env: NodeJS.ProcessEnv) {
		this.dir = dir;
		this.#env = env;
	}

	/** `variables` are added to the environment. @throws Error when there is no kubectl */
	static async open(klaw: Klaw, variables: Record<string, string> = {}): Promise<Terminal> {
		const kubectl = findKubectl();
		const home = await mkdtemp(join(tmpdir(), "klaw-conformance-"));
		const bin = join(home, "bin");
		const dir = join(home, "work");
		await Promise.all([bin, dir].map((path) => mkdir(path)));
		await script(join(bin, "kubectl"), kubectl);
		await script(join(bin, "klaw"), `${process.execPath} ${KLAW}`);
		return new Terminal(dir, {
			PATH: [bin, process.env.PATH].join(delimiter),
			HOME: home,
			KUBECONFIG: join(klaw.data, "kubeconfig"),
			KUBECACHEDIR: join(home, "cache"),
			NODE_COMPILE_CACHE: join(home, "cache"),
			// Times and messages are the same everywhere.
			TZ: "UTC",
			LC_ALL: "C.UTF-8",
			KLAW_URL: klaw.url,
			KLAW_HTTPS_URL: klaw.httpsUrl,
			...variables,
		});
	}

	start(command: string): Running {
		return new Running(command, { cwd: this.dir, env: this.#env });
	}

	/** Runs a command to its end. @throws Error when it takes too long */
	async run(command: string): Promise<Printed> {
		const running = this.start(command);
		let late = false;
		const timer = setTimeout(() => {
			late = true;
			running.kill();
		}, COMMAND_TIMEOUT_MS);
		const printed = await running.ended.finally(() => clearTimeout(timer));
		running.kill();
		if (!late) return printed;
		throw new Error(`not over after ${COMMAND_TIMEOUT_MS} ms: ${command}\n${[...printed.stdout, ...printed.stderr].join("\n")}`);
	}

	close(): Promise<void> {
		return rm(join(this.dir, ".."), { recursive: true, force: true, maxRetries: 5 });
	}
}

async function script(path: string, command: string): Promise<void> {
	await writeFile(path, `#!/bin/sh\nexec ${command} "$@"\n`);
	await chmod(path, 0o755);
}

/** Without what nobody sees: spaces at the end of a line, and the carriage returns of a terminal. */
function toLines(text: string): string[] {
	const lines = text.split("\n").map((line) => line.replaceAll("\r", "").trimEnd());
	while (lines.at(-1) === "") lines.pop();
	return lines;
}
