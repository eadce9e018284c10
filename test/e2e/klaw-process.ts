/**
 * The real thing, as a user starts it: `klaw up` with workerd, its state on disk and one local node, each its own
 * process. It can be killed with SIGKILL, wholly or in part, and started again over the same data.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RunningCommand } from "./running-command.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The command. */
export const KLAW = join(ROOT, "bin/klaw.js");

/** Path of the API's namespace `default`. */
export const NAMESPACE = "/apis/klaw.sh/v1/namespaces/default";

export interface KlawOptions {
	/** Variables for `klaw up`, as a user would export them. */
	env?: Record<string, string>;
	/** More flags for `klaw up`. */
	args?: string[];
	/** Leave the first task in. */
	firstTask?: boolean;
	/** The command of another installation than this checkout. */
	program?: string;
}

export interface CommandOptions {
	/** Absent: the directory in which klaw was started. */
	cwd?: string;
	/** More variables. */
	env?: Record<string, string>;
}

export interface CommandResult {
	code: number;
	stdout: string;
	stderr: string;
}

export class Klaw {
	readonly dir: string;
	readonly port: number;
	readonly httpsPort: number;
	readonly #options: KlawOptions;
	#process: ChildProcess | undefined;
	#output = "";

	private constructor(dir: string, { http, https }: { http: number; https: number }, options: KlawOptions) {
		this.dir = dir;
		this.port = http;
		this.httpsPort = https;
		this.#options = options;
	}

	/** Brings klaw up in an empty directory, without the demo. */
	static async start(options: KlawOptions = {}): Promise<Klaw> {
		const [http, https] = await Promise.all([freePort(), freePort()]);
		const klaw = new Klaw(await mkdtemp(join(tmpdir(), "klaw-test-")), { http, https }, options);
		await klaw.start();
		return klaw;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	/** The same for kubectl. */
	get httpsUrl(): string {
		return `https://127.0.0.1:${this.httpsPort}`;
	}

	get data(): string {
		return join(this.dir, ".klaw");
	}

	/** Everything `klaw up` has printed since the last start. */
	get output(): string {
		return this.#output;
	}

	/** Starts (again) and returns when the server says that it is ready. */
	async start(): Promise<void> {
		this.#output = "";
		const ports = ["--port", String(this.port), "--https-port", String(this.httpsPort)];
		const args = [this.#options.program ?? KLAW, "up", ...ports, "--data", this.data, ...(this.#options.args ?? [])];
		if (!this.#options.firstTask) args.push("--no-demo");
		const child = spawn(process.execPath, args, {
			cwd: this.dir,
			detached: true,
			env: { PATH: process.env.PATH, HOME: this.dir, ...this.#options.env },
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#process = child;
		child.stdout?.on("data", (chunk) => (this.#output += String(chunk)));
		child.stderr?.on("data", (chunk) => (this.#output += String(chunk)));
		await until(() => {
			if (child.exitCode !== null) throw new Error(`klaw up ended with ${child.exitCode}:\n${this.#output}`);
			return this.#output.includes("klaw ready:");
		}, 60_000);
	}

	/** SIGKILL for `klaw up`, workerd and the node runtime at once. Commands that a node runs are other process groups. */
	async kill(): Promise<void> {
		const child = this.#process;
		if (child?.pid === undefined) return;
		const gone = exited(child);
		killGroup(child.pid);
		await gone;
	}

	/** SIGKILL for `klaw up` alone, as a user's `kill -9 PID` would. */
	async killOnlyUp(): Promise<void> {
		const child = this.#process;
		if (child?.pid === undefined) return;
		const gone = exited(child);
		process.kill(child.pid, "SIGKILL");
		await gone;
	}

	/** Stops as Ctrl-C does; returns the exit code. */
	async stop(): Promise<number | null> {
		const child = this.#process;
		if (child?.pid === undefined || child.exitCode !== null) return child?.exitCode ?? null;
		const gone = exited(child);
		process.kill(child.pid, "SIGINT");
		await gone;
		return child.exitCode;
	}

	async remove(): Promise<void> {
		await this.kill();
		await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
	}

	/** Runs the `klaw` command as a user in the same directory would. */
	cli(args: string[], input?: string, options: CommandOptions = {}): Promise<CommandResult> {
		return new Promise((resolve) => {
			const whole = { ...this.#commandOptions(options), maxBuffer: 64 << 20 };
			const child = execFile(process.execPath, [KLAW, ...args], whole, (error, stdout, stderr) => {
				const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
				resolve({ code, stdout, stderr });
			});
			// A command that has seen enough of its input ends without reading the rest.
			child.stdin?.on("error", () => undefined);
			child.stdin?.end(input ?? "");
		});
	}

	/** Starts the `klaw` command like {@link cli} and leaves it running. */
	command(args: string[], options: CommandOptions = {}): RunningCommand {
		return new RunningCommand(process.execPath, [KLAW, ...args], this.#commandOptions(options));
	}

	#commandOptions({ cwd = this.dir, env = {} }: CommandOptions) {
		return { cwd, env: { PATH: process.env.PATH, HOME: this.dir, ...env } };
	}

	async token(): Promise<string> {
		const kubeconfig = await readFile(join(this.data, "kubeconfig"), "utf8");
		const token = /token: "?([^"\n]+)"?/.exec(kubeconfig)?.[1];
		if (!token) throw new Error("no token in the kubeconfig");
		return token;
	}

	/** A new token with which machines join. */
	async joinToken(spec: Record<string, unknown> = {}): Promise<string> {
		const { status, body } = await this.api("POST", "/apis/klaw.sh/v1/nodejointokens", { spec });
		if (status !== 201) throw new Error(`a join token was refused with ${status}: ${body.message}`);
		return body.status.token;
	}

	/** One request to the API, with the admin token. The body is JSON both ways. */
	async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: Json }> {
		const response = await fetch(this.url + path, {
			method,
			headers: { Authorization: `Bearer ${await this.token()}`, "Content-Type": "application/json", ...headers },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		return { status: response.status, body: (await response.json()) as Json };
	}

	/** Creates a task in the namespace `default`. @throws Error when it is refused */
	async createTask(name: string, spec: Record<string, unknown>): Promise<void> {
		const { status, body } = await this.api("POST", `${NAMESPACE}/tasks`, { metadata: { name }, spec });
		if (status !== 201) throw new Error(`task ${name} was refused with ${status}: ${body.message}`);
	}

	/** Waits until a task has ended and returns its status. Rides out a server that is away. */
	async taskEnd(name: string, timeoutMs = 60_000): Promise<Json> {
		let status: Json = {};
		await until(async () => {
			const task = await this.api("GET", `${NAMESPACE}/tasks/${name}`).catch(() => undefined);
			status = task?.body.status ?? {};
			return ["Succeeded", "Failed", "Cancelled"].includes(status.phase);
		}, timeoutMs);
		return status;
	}
}

// biome-ignore lint/suspicious/noExplicitAny: answers of an API under test are looked at as they come.
export type Json = any;

/** Polls until the condition holds. @throws Error after `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<void> {
	const deadline = Date.now() + timeoutMs;
	while (!(await condition())) {
		if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${condition}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const address = server.address();
	await new Promise((resolve) => server.close(resolve));
	if (address === null || typeof address === "string") throw new Error("no port");
	return address.port;
}

/** The lines of a file that tools append to; none when it is not there yet. */
export async function lines(path: string): Promise<string[]> {
	const text = await readFile(path, "utf8").catch(() => "");
	return text.split("\n").filter((line) => line !== "");
}

function exited(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
	return new Promise((resolve) => child.once("exit", () => resolve()));
}

function killGroup(pid: number): void {
	try {
		process.kill(-pid, "SIGKILL");
	} catch (error) {
		if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
	}
}
