/**
 * The node runtime as a process of its own: what `klaw up` starts and the container image runs. SIGTERM and SIGINT
 * stop it; it exits with 1 when the server will never have this node.
 */
import { homedir } from "node:os";
import { authorityIn } from "./certificate-authority.ts";
import { readFlags } from "./flags.ts";
import { startNode } from "./runtime.ts";
import { serveFailure } from "./serve-failure.ts";
import { tokenIn } from "./token-file.ts";
import { USAGE, wantsHelp } from "./usage.ts";

/** Lines of its log that a start that failed is explained with. */
const LAST_LINES = 30;

// Whoever read the log may be gone; the commands of this node are not.
process.stderr.on("error", () => undefined);

const said: string[] = [];
/** Where the server is told why this node failed; absent: it dials itself, and its log is at hand. */
const listen = listenPort(process.argv);

if (wantsHelp(process.argv.slice(2))) {
	process.stdout.write(USAGE);
	process.exit(0);
}

try {
	const flags = readFlags(process.argv.slice(2), homedir());
	const { url, keySha256, name, data, tokenFile, certificateAuthority, labels, taints, workspaceRoot, capacity } = flags;
	const stopping = new AbortController();
	const stop = () => stopping.abort();
	process.on("SIGTERM", stop);
	process.on("SIGINT", stop);
	if (flags.exitWithParent) process.stdin.resume().once("close", stop);
	const node = await startNode({
		...{ url, listen, keySha256, name, labels, taints, workspaceRoot, capacity },
		dataDir: data,
		...(certificateAuthority !== undefined && { ca: authorityIn(certificateAuthority) }),
		...(tokenFile !== undefined && { token: tokenIn(tokenFile, { remove: flags.removeTokenFile }) }),
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
