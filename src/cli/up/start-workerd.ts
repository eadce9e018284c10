import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors.ts";
import type { KeyPair } from "./certificates.ts";
import { type Child, childOf, tieToThisProcess } from "./child.ts";
import type { ContainerEngine } from "./container-engine.ts";
import type { Installation } from "./installation.ts";
import { logTail } from "./log-file.ts";
import { writePrivateFile } from "./private-file.ts";
import { workerdConfig } from "./workerd-config.ts";

export interface StartWorkerdOptions {
	installation: Pick<Installation, "worker" | "workerd">;
	/** Holds the state; made if it is missing. */
	dataDir: string;
	/** For the configuration, which holds secrets and is removed as soon as workerd has read it. */
	runDir: string;
	/** What workerd prints is appended here. */
	logFile: string;
	host: string;
	/** For plain HTTP and for HTTPS; 0: any free one. */
	ports: Ports;
	/** Of the HTTPS port. */
	keypair: KeyPair;
	variables: Readonly<Record<string, string>>;
	allowLocalNetwork: boolean;
	/** Absent: no containers are started. */
	containers?: ContainerEngine | undefined;
}

export interface Ports {
	http: number;
	https: number;
}

/** Variables that workerd may see; the secrets of the deployment are not among them. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "SystemRoot", "TEMP", "TMP"];

/**
 * Starts workerd and returns once it listens. It dies with this process.
 *
 * @throws CliError with what workerd said when it could not start
 */
export async function startWorkerd(options: StartWorkerdOptions): Promise<Child & { ports: Ports }> {
	const { installation, dataDir, runDir, logFile, host, ports, keypair } = options;
	const stateDir = join(dataDir, "state");
	// Not in the directory of nodes that run here, which keeps the files themselves.
	const workspacesDir = join(dataDir, "checkpoints");
	for (const dir of [stateDir, workspacesDir]) mkdirSync(dir, { recursive: true });
	const config = join(runDir, "workerd.capnp");
	writePrivateFile(
		config,
		workerdConfig({
			...options,
			address: `${host}:${ports.http}`,
			https: { address: `${host}:${ports.https}`, keypair },
			stateDir,
			workspacesDir,
			modules: modulesOf(installation.worker),
		}),
	);
	// A file, not a pipe: its writer may outlive its reader.
	const log = openSync(logFile, "a");
	try {
		const child = await childOf(
			spawn(installation.workerd, ["serve", "--import-path", installation.worker, "--control-fd=3", config], {
				env: Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
				stdio: ["ignore", log, log, "pipe"],
			}),
		);
		void child.ended.then(tieToThisProcess(child.pid));
		const listening = await Promise.race([listeningPorts(child.process.stdio[3]), child.ended]);
		if (typeof listening !== "string") return { ...child, ports: listening };
		throw new CliError(`workerd could not start (${listening}). It said:\n${logTail(logFile)}`);
	} finally {
		closeSync(log);
		rmSync(config, { force: true });
	}
}

/** The entry point first, as workerd wants it. */
function modulesOf(dir: string): string[] {
	const entry = "worker.js";
	const others = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js") && name !== entry);
	return [entry, ...others.map((name) => name.split("\\").join("/")).sort()];
}

/** workerd says on its control channel where it listens, one JSON object a line for each socket. */
async function listeningPorts(control: unknown): Promise<Ports> {
	const lines = control as NodeJS.ReadableStream;
	return new Promise((resolve) => {
		let text = "";
		lines.on("data", (chunk) => {
			text += String(chunk);
			const ports = new Map<string, number>();
			for (const line of text.split("\n").slice(0, -1)) {
				const event = JSON.parse(line) as { event: string; socket: string; port: number };
				if (event.event === "listen") ports.set(event.socket, event.port);
			}
			const [http, https] = [ports.get("http"), ports.get("https")];
			if (http !== undefined && https !== undefined) resolve({ http, https });
		});
	});
}
