import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { nodeName, readNodeOptions } from "../node-options.ts";

interface JoinOptions {
	token?: string;
	tokenFile?: string;
	name: string;
	data?: string;
	labels?: string;
	capacity?: string;
}

export function addNode(program: Command, cli: Cli): void {
	program
		.command("node")
		.description("make machines work for a cluster")
		.command("join")
		.description("run this machine as a node, until Ctrl-C")
		.argument("<url>", "of the server")
		.option("--token <token>", "the cluster's join token; others can see it in the list of processes, so better:")
		.option("--token-file <file>", "a file that holds it")
		.option("--name <name>", "of the node", nodeName(hostname()))
		.option("--labels <list>", "e.g. disk=ssd,zone=b")
		.option("--capacity <list>", "e.g. cpu=2,memory=4Gi,slots=16; default: what the machine has")
		.option("--data <dir>", "where its workspaces are; default: ~/.klaw/nodes/NAME")
		.action(async (url: string, _: unknown, command: Command) => {
			const options = command.optsWithGlobals<JoinOptions>();
			const token = await readToken(options, cli.io.cwd);
			const dataDir = options.data === undefined ? join(cli.io.home, ".klaw", "nodes", options.name) : resolve(cli.io.cwd, options.data);
			const { labels, capacity } = readNodeOptions(options);
			// Loaded only here: no other command runs tools.
			const { startNode } = await import("../../../containers/node/runtime.ts");
			const stop = new AbortController();
			const forget = cli.io.onInterrupt(() => stop.abort());
			try {
				const log = (line: string) => cli.io.stderr.write(`${line}\n`);
				const node = await startNode({ url, token, name: options.name, dataDir, labels, capacity, log, signal: stop.signal });
				await node.done;
			} finally {
				forget();
			}
		});
}

async function readToken({ token, tokenFile }: JoinOptions, cwd: string): Promise<string> {
	if (tokenFile === undefined) {
		if (token && isToken(token)) return token;
		if (token) throw new CliError("The value of --token is no join token: a token has no spaces and no characters beyond ASCII.");
		throw new CliError("A node needs the join token of the cluster: give it with --token-file FILE or --token TOKEN.");
	}
	let text: string;
	try {
		text = (await readFile(resolve(cwd, tokenFile), "utf8")).trim();
	} catch (error) {
		throw new CliError(`The token file ${tokenFile} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
	}
	if (isToken(text)) return text;
	if (text !== "")
		throw new CliError(
			`The token file ${tokenFile} holds no join token. It should hold that alone, on one line, as .klaw/run/join-token does where klaw runs.`,
		);
	throw new CliError(`The token file ${tokenFile} is empty. Put the join token of the cluster into it.`);
}

/** What a header can carry, and then some: every token that klaw makes is one, and text of other kinds is none. */
function isToken(text: string): boolean {
	return /^[\x21-\x7e]+$/.test(text);
}
