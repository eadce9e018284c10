/**
 * The node runtime as a process of its own: what `klaw up` starts and the container image runs. SIGTERM and SIGINT
 * stop it; it exits with 1 when the server will never have this node.
 */
import { readFileSync } from "node:fs";
import { readFlags } from "./flags.ts";
import { startNode } from "./runtime.ts";

// Whoever read the log may be gone; the commands of this node are not.
process.stderr.on("error", () => undefined);

try {
	const { url, name, data, tokenFile, labels, capacity, exitWithParent } = readFlags(process.argv.slice(2));
	const stopping = new AbortController();
	const stop = () => stopping.abort();
	process.on("SIGTERM", stop);
	process.on("SIGINT", stop);
	if (exitWithParent) process.stdin.resume().once("close", stop);
	const node = await startNode({
		...{ url, name, labels, capacity },
		dataDir: data,
		token: readToken(tokenFile),
		log: say,
		signal: stopping.signal,
	});
	await node.done;
	process.exit(0);
} catch (error) {
	say(error instanceof Error ? error.message : String(error));
	process.exit(1);
}

function readToken(path: string): string {
	let token: string;
	try {
		token = readFileSync(path, "utf8").trim();
	} catch (error) {
		throw new Error(`The token file ${path} cannot be read: ${error instanceof Error ? error.message : error}`);
	}
	if (token === "") throw new Error(`The token file ${path} is empty. Put the join token of the cluster into it.`);
	return token;
}

function say(line: string): void {
	process.stderr.write(`${line}\n`);
}
