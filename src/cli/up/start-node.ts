import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { loadCredential } from "../../../containers/node/credential-file.ts";
import { serverUrls } from "../../../containers/node/server-url.ts";
import { type Child, childOf } from "./child.ts";
import { withoutSecrets } from "./model-settings.ts";
import { writePrivateFile } from "./private-file.ts";

/** All of a laptop is one person's: whatever session may share its node with any other. */
const LABELS = "klaw.sh/isolation=none";

export interface StartNodeOptions {
	/** The built node runtime. */
	program: string;
	server: string;
	/** Makes a join token for this node; asked when it has no credential, or one of another server. */
	joinToken(): Promise<string>;
	name: string;
	dataDir: string;
	runDir: string;
	logFile: string;
	/** As for `klaw node join`, e.g. `cpu=2,memory=4Gi,slots=16`. */
	capacity: string | undefined;
}

/** Starts the local node's runtime. It stops when this process ends, and its commands go on. */
export async function startNode(options: StartNodeOptions): Promise<Child> {
	const dataDir = join(options.dataDir, "node");
	const flags = [options.server, "--name", options.name, "--data", dataDir, "--labels", LABELS];
	if (options.capacity !== undefined) flags.push("--capacity", options.capacity);
	const { server } = serverUrls(options.server, options.name);
	if (loadCredential(dataDir, { server, node: options.name }) === undefined) {
		const tokenFile = join(options.runDir, "join-token");
		writePrivateFile(tokenFile, await options.joinToken());
		flags.push("--token-file", tokenFile, "--remove-token-file");
	}
	const log = openSync(options.logFile, "a");
	try {
		return await childOf(
			// Its standard input is a pipe that ends when this process does.
			spawn(process.execPath, [options.program, "join", ...flags, "--exit-with-parent"], {
				env: withoutSecrets(process.env),
				stdio: ["pipe", log, log],
			}),
		);
	} finally {
		closeSync(log);
	}
}
