import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { WebSocket } from "ws";
import { chooseProtocol } from "../../src/api/pods/exec-channels.ts";
import { loadCertificates } from "../../src/cli/up/certificates.ts";
import { type Child, stopChild } from "../../src/cli/up/child.ts";
import type { ContainerEngine } from "../../src/cli/up/container-engine.ts";
import { findWorkerd } from "../../src/cli/up/installation.ts";
import { type Ports, startWorkerd } from "../../src/cli/up/start-workerd.ts";
import type { Heard, LinkWorld } from "./contract.ts";

/** Channel of `v5.channel.k8s.io` for how a command ended. */
const STATUS = 3;

/** `worker.ts` in workerd, with the node `node-1`. */
export class LinkRig {
	readonly dir = mkdtempSync(join(tmpdir(), "klaw-link-"));
	#child: (Child & { ports: Ports }) | undefined;

	async start(containers?: ContainerEngine): Promise<void> {
		await build({
			...{ bundle: true, format: "esm", platform: "neutral", target: "es2024", logLevel: "error", minify: false },
			entryPoints: { worker: join(import.meta.dirname, "worker.ts") },
			outdir: join(this.dir, "worker"),
			mainFields: ["module", "main"],
			external: ["cloudflare:*", "node:*"],
		});
		const certificates = await loadCertificates(join(this.dir, "tls"), ["localhost"]);
		this.#child = await startWorkerd({
			installation: { worker: join(this.dir, "worker"), workerd: findWorkerd() },
			...{ dataDir: this.dir, runDir: this.dir, logFile: join(this.dir, "workerd.log"), host: "127.0.0.1" },
			ports: { http: 0, https: 0 },
			keypair: certificates.server,
			...{ variables: {}, allowLocalNetwork: false, containers },
		});
	}

	get port(): number {
		return this.#child?.ports.http ?? 0;
	}

	async rpc<T>(object: string, name: string, method: string, ...args: unknown[]): Promise<T> {
		const response = await fetch(`http://127.0.0.1:${this.port}`, { method: "POST", body: JSON.stringify({ object, name, method, args }) });
		const { value, error } = (await response.json()) as { value?: T; error?: string };
		if (error !== undefined) throw new Error(error);
		return value as T;
	}

	node<T>(method: string, ...args: unknown[]): Promise<T> {
		return this.rpc("NODE", "default/node-1", method, ...args);
	}

	/** All of a world but how its connection breaks. */
	world(): Omit<LinkWorld, "cut" | "end"> {
		return {
			name: "node-1",
			incarnation: async () => (await this.node<{ incarnation: number }>("heartbeat")).incarnation,
			call: (call) => this.node("call", call),
			stop: (order) => this.node("stop", order),
			stats: async () => (await this.node<Awaited<ReturnType<LinkWorld["stats"]>> | null>("stats")) ?? undefined,
			heartbeat: () => this.node("heartbeat"),
			exec: (command) => this.#exec(command),
			heard: () => this.rpc<Heard[]>("CLUSTER", "log", "heard"),
			refuseResults: (refuse) => this.rpc("CLUSTER", "log", "refuseResults", refuse),
		};
	}

	async stop(): Promise<void> {
		if (this.#child) await stopChild(this.#child, 300);
		rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
	}

	async #exec(command: string[]): Promise<{ stdout: string; exitCode: number | undefined }> {
		const { incarnation } = await this.node<{ incarnation: number }>("heartbeat");
		const query = new URLSearchParams({ session: "default/s", workspace: "s", incarnation: String(incarnation), stdout: "true" });
		for (const word of command) query.append("command", word);
		const protocol = chooseProtocol("v5.channel.k8s.io") ?? "";
		const socket = new WebSocket(`ws://127.0.0.1:${this.port}/api/v1/nodes/node-1/exec?${query}`, protocol);
		const frames: Buffer[] = [];
		await new Promise<void>((resolve, reject) => {
			socket.once("error", reject);
			socket.on("message", (data) => {
				const frame = Buffer.from(data as Buffer);
				frames.push(frame);
				// How it ended is the last that is said.
				if (frame[0] === STATUS) resolve();
			});
		});
		socket.terminate();
		const on = (channel: number) => Buffer.concat(frames.filter((frame) => frame[0] === channel).map((frame) => frame.subarray(1)));
		const status = JSON.parse(on(STATUS).toString());
		return { stdout: on(1).toString(), exitCode: status.status === "Success" ? 0 : undefined };
	}
}
