import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findWorkerd } from "../../../src/cli/up/installation.ts";

/** A directory as the real workerd serves it, reached through a Worker that passes every request on. */
export class DiskService {
	readonly #directory = mkdtempSync(join(tmpdir(), "klaw-disk-"));
	readonly root: string;
	#workerd: ChildProcess | undefined;
	#port = 0;

	/** @param root of the service; absent: a new one */
	constructor(root?: string) {
		this.root = root ?? mkdtempSync(join(this.#directory, "root-"));
	}

	async start(): Promise<void> {
		const config = join(this.#directory, "workerd.capnp");
		writeFileSync(join(this.#directory, "pass.js"), PASS);
		writeFileSync(config, configOf(this.root));
		const workerd = spawn(findWorkerd(), ["serve", "--control-fd=3", config], { stdio: ["ignore", "ignore", "inherit", "pipe"] });
		this.#workerd = workerd;
		this.#port = await new Promise((resolve, reject) => {
			workerd.stdio[3]?.once("data", (line) => resolve(JSON.parse(String(line)).port));
			workerd.once("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
		});
	}

	/** Like the `fetch` of a service binding. */
	readonly fetch = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
		const { pathname } = new URL(String(input));
		return fetch(`http://127.0.0.1:${this.#port}${pathname}`, init);
	};

	async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
		const workerd = this.#workerd;
		this.#workerd = undefined;
		if (!workerd || workerd.exitCode !== null) return;
		const ended = new Promise((resolve) => workerd.once("exit", resolve));
		workerd.kill(signal);
		await ended;
	}

	async remove(): Promise<void> {
		await this.stop();
		rmSync(this.#directory, { recursive: true, force: true });
	}
}

const PASS = `export default {
	async fetch(request, env) {
		const body = request.body === null ? undefined : await request.arrayBuffer();
		return env.DISK.fetch(new Request("http://disk" + new URL(request.url).pathname, { method: request.method, body }));
	},
};`;

const configOf = (root: string) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
	services = [
		(name = "pass", worker = (
			modules = [(name = "pass.js", esModule = embed "pass.js")],
			compatibilityDate = "2026-10-20",
			bindings = [(name = "DISK", service = "disk")],
		)),
		(name = "disk", disk = (path = ${JSON.stringify(root)}, writable = true)),
	],
	sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "pass")],
);
`;
