import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { capacityOf, labelsOf } from "../../../../containers/node/flags.ts";
import { nodeName } from "../../../../containers/node/node-name.ts";
import { taintsOf } from "../../../../containers/node/taints.ts";
import { isToken, tokenIn } from "../../../../containers/node/token-file.ts";
import type { Cli } from "../../cli.ts";
import { CliError } from "../../errors.ts";

interface JoinFlags {
	token?: string;
	tokenFile?: string;
	name: string;
	data?: string;
	labels?: string;
	taints?: string;
	capacity?: string;
	workspaceRoot?: string;
}

export function addNodeJoin(node: Command, cli: Cli): void {
	node
		.command("join")
		.description("run this machine as a node, until Ctrl-C")
		.argument("<url>", "of the server")
		.option("--token <token>", "a join token; others can see it in the list of processes, so better:")
		.option("--token-file <file>", "a file that holds it; a machine that has joined before needs none")
		.option("--name <name>", "of the node", nodeName(hostname()))
		.option("--labels <list>", "e.g. disk=ssd,zone=b")
		.option("--taints <list>", "for the first join, e.g. gpu=yes:NoSchedule,old:NoExecute")
		.option("--capacity <list>", "e.g. cpu=2,memory=4Gi,ephemeral-storage=20Gi,slots=16; default: what the machine has")
		.option("--workspace-root <dir>", "where its workspaces are; default: in --data")
		.option("--data <dir>", "where it keeps who it is and what runs; default: ~/.klaw/nodes/NAME")
		.action(async (url: string, _: unknown, command: Command) => {
			const flags = command.optsWithGlobals<JoinFlags>();
			const { cwd, home, stderr } = cli.io;
			const token = tokenOf(flags, cwd);
			const options = {
				...{ url, name: flags.name },
				...(token !== undefined && { token }),
				dataDir: flags.data === undefined ? join(home, ".klaw", "nodes", flags.name) : resolve(cwd, flags.data),
				...(flags.workspaceRoot !== undefined && { workspaceRoot: resolve(cwd, flags.workspaceRoot) }),
				...{ labels: labelsOf(flags.labels), taints: taintsOf(flags.taints), capacity: capacityOf(flags.capacity) },
				log: (line: string) => void stderr.write(`${line}\n`),
			};
			// Loaded only here: no other command runs tools.
			const { startNode } = await import("../../../../containers/node/runtime.ts");
			const stop = new AbortController();
			const forget = cli.io.onInterrupt(() => stop.abort());
			try {
				const running = await startNode({ ...options, signal: stop.signal });
				await running.done;
			} finally {
				forget();
			}
		});
}

/** @throws CliError for what could not be a token */
function tokenOf({ token, tokenFile }: JoinFlags, cwd: string): string | (() => string) | undefined {
	if (tokenFile !== undefined) return tokenIn(resolve(cwd, tokenFile));
	if (token === undefined || isToken(token)) return token;
	throw new CliError("The value of --token is no join token: a token has no spaces and no characters beyond ASCII.");
}
