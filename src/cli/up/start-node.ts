import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { type Child, childOf } from "./child.ts";
import { withoutSecrets } from "./model-settings.ts";
import { writePrivateFile } from "./private-file.ts";

export interface StartNodeOptions {
	/** The built node runtime. */
	program: string;
	server: string;
	token: string;
	name: string;
	dataDir: string;
	runDir: string;
	logFile: string;
	/** As for `klaw node join`, e.g. `cpu=2,memory=4Gi,slots=16`. */
	capacity: string | undefined;
}

/** Starts the local node's runtime. It stops when this process ends, and its commands go on. */
export async function startNode(options: StartNodeOptions): Promise<Child> {
	const tokenFile = join(options.runDir, "join-token");
	writePrivateFile(tokenFile, options.token);
	const log = openSync(options.logFile, "a");
	try {
		const flags = ["--url", options.server, "--name", options.name, "--data", join(options.dataDir, "node"), "--token-file", tokenFile];
		if (options.capacity !== undefined) flags.push("--capacity", options.capacity);
		return await childOf(
			// Its standard input is a pipe that ends when this process does.
			spawn(process.execPath, [options.program, ...flags, "--exit-with-parent"], {
				env: withoutSecrets(process.env),
				stdio: ["pipe", log, log],
			}),
		);
	} finally {
		closeSync(log);
	}
}
