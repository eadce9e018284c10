import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";
import { commandEnvironment, mark } from "../bash/environment.ts";
import { errorCode } from "../explain-error.ts";
import { killProcesses } from "../process/kill.ts";
import { processLimits } from "../sandbox/limits.ts";
import type { Sandbox, UnixUser } from "../sandbox/sandbox.ts";
import type { SessionLimits } from "../sandbox/session-limits.ts";
import { commandLine } from "./command-line.ts";
import { DATA_BYTES, STDERR, STDOUT, WINDOW_BYTES } from "./protocol.ts";
import type { Terminal } from "./terminal.ts";

/** What a person asked for. */
export interface ExecRequest {
	id: string;
	command: readonly string[];
	stdin: boolean;
	tty: boolean;
	/** Absent: those of the session's last call. */
	limits?: SessionLimits | undefined;
}

export interface ExecutionPorts {
	/** At most {@link WINDOW_BYTES} of output are handed out before {@link Execution.credit} is called. */
	output(channel: number, bytes: Uint8Array): void;
	/** So many bytes of input were taken. */
	taken(bytes: number): void;
	/** Real path of the node's data directory. */
	dataDir: string;
	/** What the session's calls run in. */
	sandbox: Sandbox;
	graceMs: number;
}

const NO_TERMINAL =
	"This node has neither python3 nor script, so the command runs without a terminal. Install python3 on the node to have one.\r\n";

/** One command of a person, from its start to the end of all that it started. */
export class Execution {
	readonly #request: ExecRequest;
	readonly #ports: ExecutionPorts;
	/** Input that came before the command ran. The sender's window bounds it. */
	#early: Uint8Array[] = [];
	#ended = false;
	#size: string | undefined;
	#child: ChildProcess | undefined;
	#controls: Writable | undefined;
	#outputs: Readable[] = [];
	#window = WINDOW_BYTES;
	#stopping: Promise<void> | undefined;
	#marks: string[] = [];
	#users: UnixUser[] = [];

	constructor(request: ExecRequest, ports: ExecutionPorts) {
		this.#request = request;
		this.#ports = ports;
	}

	/**
	 * Runs the command in a workspace (its real path) and resolves with its exit code, once all output is handed out and
	 * nothing of it runs any more. Whatever it leaves in the background is killed: nobody would know of it.
	 *
	 * @param terminal how to make one; asked for only if the request wants one
	 */
	async run(workspace: string, terminal: (env: Record<string, string>) => Promise<Terminal | undefined>): Promise<number> {
		const { id, tty, stdin } = this.#request;
		this.#marks = [mark.workspace(workspace), mark.call(id), mark.exec];
		const [name = "", value = ""] = mark.exec.split("=");
		const { sandbox, dataDir } = this.#ports;
		const user = sandbox.userOf(workspace);
		if (user) this.#users = [user];
		const own = { ...commandEnvironment({ workspace, callId: id, dataDir }), ...sandbox.environment(workspace) };
		const env = { ...own, [name]: value, TERM: tty ? "xterm" : "dumb" };
		const found = tty ? await terminal(env) : undefined;
		if (tty && !found) this.#ports.output(STDERR, Buffer.from(NO_TERMINAL));
		const wrapped = found?.wrap(this.#request.command, stdin) ?? this.#request.command;
		const asked = this.#request.limits;
		const limits = { ...processLimits(asked, undefined), areGuessed: asked === undefined };
		const [file = "", ...args] = commandLine(sandbox, workspace, wrapped, limits);
		if (this.#stopping) return 128 + constants.signals.SIGTERM;

		const child = spawn(file, args, {
			...{ cwd: workspace, env, detached: true },
			stdio: [stdin ? "pipe" : "ignore", "pipe", "pipe", ...(found?.resizes ? ["pipe" as const] : [])],
		});
		this.#child = child;
		this.#connect(child);
		const closed = new Promise((resolve) => child.once("close", resolve));
		const ended = await new Promise<Error | { code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
			child.once("error", resolve);
			child.once("exit", (code, signal) => resolve({ code, signal }));
		});
		if (ended instanceof Error) return this.#notStarted(ended, file);
		await killProcesses({ groups: [], variables: this.#marks, users: this.#users }, this.#ports.graceMs);
		await closed;
		return ended.code ?? 128 + (ended.signal === null ? 0 : constants.signals[ended.signal]);
	}

	/** Input. */
	write(bytes: Uint8Array): void {
		const stdin = this.#child?.stdin;
		if (!this.#child) this.#early.push(bytes);
		// What nobody reads counts as taken: its sender must not wait for ever.
		else if (!stdin || stdin.destroyed) this.#ports.taken(bytes.byteLength);
		else stdin.write(bytes, () => this.#ports.taken(bytes.byteLength));
	}

	/** The input ends. */
	end(): void {
		this.#ended = true;
		this.#child?.stdin?.end();
	}

	/** Sets the terminal's size, where that can be done. */
	resize(columns: number, rows: number): void {
		this.#size = `${columns} ${rows}\n`;
		this.#controls?.write(this.#size);
	}

	/** So many bytes of output were taken. */
	credit(bytes: number): void {
		this.#window += bytes;
		if (this.#window > 0) for (const output of this.#outputs) output.resume();
	}

	/** Kills everything of the command, and drops what it still has to say. Resolves when it is gone. */
	stop(): Promise<void> {
		this.#stopping ??= this.#kill();
		return this.#stopping;
	}

	async #kill(): Promise<void> {
		const child = this.#child;
		if (!child) return;
		for (const output of this.#outputs) output.destroy();
		const alive = child.exitCode === null && child.signalCode === null && child.pid !== undefined;
		await killProcesses(
			{ groups: alive && child.pid !== undefined ? [child.pid] : [], variables: this.#marks, users: this.#users },
			this.#ports.graceMs,
		);
	}

	#connect(child: ChildProcess): void {
		const { stdin, stdout, stderr } = child;
		const controls = child.stdio[3];
		if (controls && "write" in controls) {
			this.#controls = controls;
			if (this.#size !== undefined) controls.write(this.#size);
		}
		// The command need not read its input, nor be there any more.
		for (const stream of [stdin, controls]) stream?.on("error", () => undefined);
		if (stdout) this.#forward(STDOUT, stdout);
		if (stderr) this.#forward(STDERR, stderr);
		for (const bytes of this.#early.splice(0)) this.write(bytes);
		if (this.#ended) this.end();
	}

	#forward(channel: number, stream: Readable): void {
		this.#outputs.push(stream);
		stream.on("error", () => undefined);
		stream.on("data", (bytes: Buffer) => {
			for (let at = 0; at < bytes.byteLength; at += DATA_BYTES) this.#ports.output(channel, bytes.subarray(at, at + DATA_BYTES));
			this.#window -= bytes.byteLength;
			// One window for both: the reader at the other end is one.
			if (this.#window <= 0) for (const output of this.#outputs) output.pause();
		});
	}

	/** Answered as a shell answers a command that it cannot run. */
	#notStarted(error: Error, file: string): number {
		const missing = errorCode(error) === "ENOENT";
		this.#ports.output(STDERR, Buffer.from(`exec: "${file}": ${missing ? "executable file not found in $PATH" : error.message}\n`));
		return missing ? 127 : 126;
	}
}
