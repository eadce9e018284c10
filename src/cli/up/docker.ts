import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CliError } from "../errors.ts";

const run = promisify(execFile);
const OUTPUT_BYTES = 64 * 2 ** 20;
const SOCKET = process.platform === "win32" ? "//./pipe/docker_engine" : "unix:///var/run/docker.sock";

/** A container engine, by its command: Docker, or one that takes the same arguments. Where it is said is as wrangler has it. */
export class Docker {
	readonly #bin: string;
	readonly #env: Readonly<Record<string, string | undefined>>;

	/** @param env `WRANGLER_DOCKER_BIN` names the command, `WRANGLER_DOCKER_HOST` or `DOCKER_HOST` the engine's socket */
	constructor(env: Readonly<Record<string, string | undefined>>) {
		this.#bin = env.WRANGLER_DOCKER_BIN ?? "docker";
		this.#env = env;
	}

	/** @throws CliError with what to do when there is no engine */
	async check(): Promise<void> {
		try {
			await this.output(["version", "--format", "{{.Server.Version}}"]);
		} catch (error) {
			const why = firstLine(error);
			throw new CliError(
				`--containers needs Docker, or an engine like it, and "${this.#bin}" says: ${why}. Start it (or set WRANGLER_DOCKER_BIN and DOCKER_HOST), or leave out --containers: then tools run on this machine.`,
			);
		}
	}

	/** @throws Error with what it said on its standard error */
	async output(args: readonly string[], signal?: AbortSignal): Promise<string> {
		const { stdout } = await run(this.#bin, [...args], { env: { ...this.#env }, maxBuffer: OUTPUT_BYTES, signal });
		return stdout;
	}

	async has(image: string): Promise<boolean> {
		return this.output(["image", "inspect", "--format", "{{.Id}}", image]).then(
			() => true,
			() => false,
		);
	}

	/** Address of the engine. */
	async socket(): Promise<string> {
		const { WRANGLER_DOCKER_HOST, DOCKER_HOST } = this.#env;
		if (WRANGLER_DOCKER_HOST || DOCKER_HOST) return WRANGLER_DOCKER_HOST || DOCKER_HOST || SOCKET;
		const endpoint = await this.output(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]).catch(() => "");
		return endpoint.trim() || SOCKET;
	}
}

/** The part of a failed command's message that says what was wrong. */
export function firstLine(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if ("code" in error && error.code === "ENOENT") return "no such command";
	const said = "stderr" in error && typeof error.stderr === "string" && error.stderr.trim() !== "" ? error.stderr : error.message;
	return said.trim().split("\n")[0]?.replace(/\.$/, "") ?? "nothing";
}
