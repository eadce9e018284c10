import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors.ts";
import { type Child, childOf, tieToThisProcess } from "./child.ts";
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
	/** 0: any free one. */
	port: number;
	variables: Readonly<Record<string, string>>;
	allowLocalNetwork: boolean;
}

/** Variables that workerd may see; the secrets of the deployment are not among them. */
const PASSED_ON = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "SystemRoot", "TEMP", "TMP"];

/**
 * Starts workerd and returns once it listens. It dies with this process.
 *
 * @throws CliError with what workerd said when it could not start
 */
export async function startWorkerd(options: StartWorkerdOptions): Promise<Child & { port: number }> {
	const { installation, dataDir, runDir, logFile } = options;
	const stateDir = join(dataDir, "state");
	mkdirSync(stateDir, { recursive: true });
	const config = join(runDir, "workerd.capnp");
	writePrivateFile(
		config,
		workerdConfig({ ...options, address: `${options.host}:${options.port}`, stateDir, modules: modulesOf(installation.worker) }),
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
		const port = await Promise.race([listeningPort(child.process.stdio[3]), child.ended]);
		if (typeof port === "number") return { ...child, port };
		throw new CliError(`workerd could not start (${port}). It said:\n${logTail(logFile)}`);
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

/** workerd says on its control channel where it listens, one JSON object a line. */
async function listeningPort(control: unknown): Promise<number> {
	const lines = control as NodeJS.ReadableStream;
	return new Promise((resolve) => {
		let text = "";
		lines.on("data", (chunk) => {
			text += String(chunk);
			for (const line of text.split("\n").slice(0, -1)) {
				const event = JSON.parse(line) as { event: string; port: number };
				if (event.event === "listen") resolve(event.port);
			}
		});
	});
}
