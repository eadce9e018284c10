/**
 * The node runtime as a process of its own: what `klaw up` starts and the container image runs. SIGTERM and SIGINT
 * stop it; it exits with 1 when the server will never have this node.
 */
import { homedir } from "node:os";
import { readFlags } from "./flags.ts";
import { startNode } from "./runtime.ts";
import { serveFailure } from "./serve-failure.ts";
import { tokenIn } from "./token-file.ts";

/** Lines of its log that a start that failed is explained with. */
const LAST_LINES = 30;

// Whoever read the log may be gone; the commands of this node are not.
process.stderr.on("error", () => undefined);

const said: string[] = [];
/** Where the server is told why this node failed; absent: it dials itself, and its log is at hand. */
const listen = listenPort(process.argv);

try {
	const { url, keySha256, name, data, tokenFile, removeTokenFile, labels, taints, workspaceRoot, capacity, exitWithParent } = readFlags(
		process.argv.slice(2),
		homedir(),
	);
	const stopping = new AbortController();
	const stop = () => stopping.abort();
	process.on("SIGTERM", stop);
	process.on("SIGINT", stop);
	if (exitWithParent) process.stdin.resume().once("close", stop);
	const node = await startNode({
		...{ url, listen, keySha256, name, labels, taints, workspaceRoot, capacity },
		dataDir: data,
		...(tokenFile !== undefined && { token: tokenIn(tokenFile, { remove: removeTokenFile }) }),
		log: say,
		signal: stopping.signal,
	});
	await node.done;
	process.exit(0);
} catch (error) {
	const log = said.slice(-LAST_LINES);
	const message = error instanceof Error ? error.message : String(error);
	say(message);
	if (listen !== undefined) await serveFailure(listen, { message, log });
	process.exit(1);
}

/** Before the other flags are read, since one of them may be what is wrong. */
function listenPort(args: string[]): number | undefined {
	const port = Number(args[args.indexOf("--listen") + 1]);
	return args.includes("--listen") && Number.isInteger(port) ? port : undefined;
}

function say(line: string): void {
	said.push(line);
	if (said.length > 2 * LAST_LINES) said.splice(0, LAST_LINES);
	process.stderr.write(`${line}\n`);
}
