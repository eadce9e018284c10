import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { joinedAs } from "../../../../containers/node/credential-file.ts";
import { capacityOf, labelsOf } from "../../../../containers/node/flags.ts";
import { nodeName } from "../../../../containers/node/node-name.ts";
import { taintsOf } from "../../../../containers/node/taints.ts";
import { isToken, tokenIn } from "../../../../containers/node/token-file.ts";
import type { Cli } from "../../cli.ts";
import { CliError } from "../../errors.ts";
import { authorityOf } from "./authority-of.ts";

interface JoinFlags {
	token?: string;
	tokenFile?: string;
	certificateAuthority?: string;
	insecureSkipTlsVerify?: boolean;
	kubeconfig?: string;
	name: string;
	data?: string;
	labels?: string;
	taints?: string;
	capacity?: string;
	workspaceRoot?: string;
}

const MORE = `
Join tokens are made with "klaw node token create", by somebody who may. This machine exchanges one for a credential of
its own and keeps it in --data, so the next start needs no token. Workspaces are there, too, and what its calls are doing.
While the cluster cannot be reached, what runs goes on, and is reported when it is back.

To leave the cluster: "klaw delete node NAME" on any machine (this command then ends, and all that its sessions run here),
and remove --data. To only stop for a while: "klaw drain NAME", then Ctrl-C. Without the drain, commands go on meanwhile.

Examples:
  klaw node token create > token
  klaw node join https://klaw.example.com --token-file token --labels disk=ssd
  klaw node join https://192.168.1.5:8443 --token-file token --certificate-authority ca.crt   # a klaw up, elsewhere
`;

export function addNodeJoin(node: Command, cli: Cli): void {
	node
		.command("join")
		.description("run this machine as a node of a cluster, until Ctrl-C")
		.argument("<url>", "address of the server, as this machine reaches it")
		.option("--token <token>", "a join token; others can see it in the list of processes, so better:")
		.option("--token-file <file>", "a file that holds it; a machine that has joined before needs none")
		.option(
			"--certificate-authority <file>",
			"certificate of the authority that the server's is of; default: as the kubeconfig has it for that server. That of klaw up is .klaw/tls/ca.crt",
		)
		.option("--name <name>", "of the node; a --data that has joined before knows its own", nodeName(hostname()))
		.option("--labels <list>", "e.g. disk=ssd,zone=b; added to those that the node has")
		.option("--taints <list>", "for the first join, e.g. gpu=yes:NoSchedule,old:NoExecute; later: klaw taint")
		.option("--capacity <list>", "e.g. cpu=2,memory=4Gi,ephemeral-storage=20Gi,slots=16; default: what the machine has, and 16 slots")
		.option("--workspace-root <dir>", "where its workspaces are; default: in --data")
		.option("--data <dir>", "where it keeps its credential, its workspaces and what runs; default: ~/.klaw/nodes/NAME")
		.addHelpText("after", MORE)
		.action(async (url: string, _: unknown, command: Command) => {
			const flags = command.optsWithGlobals<JoinFlags>();
			const { cwd, home, stderr } = cli.io;
			if (flags.insecureSkipTlsVerify)
				throw new CliError(
					"A node does not join a server whose certificate nobody looks at: whoever stands between would run its commands. Use --certificate-authority FILE in place of --insecure-skip-tls-verify.",
				);
			const data = flags.data === undefined ? undefined : resolve(cwd, flags.data);
			const isChosen = command.getOptionValueSource("name") !== "default";
			const name = isChosen || data === undefined ? flags.name : (joinedAs(data) ?? flags.name);
			// A global --token is for the API, unless nothing else is given.
			const own = command.opts<JoinFlags>();
			const token = tokenOf(own.token === undefined && own.tokenFile === undefined ? flags : own, cwd);
			const ca = await authorityOf(url, flags, cli.io);
			const options = {
				...{ url, name },
				...(token !== undefined && { token }),
				...(ca !== undefined && { ca }),
				dataDir: data ?? join(home, ".klaw", "nodes", name),
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
				const calls = running.calls();
				if (calls > 0) options.log(goesOn(calls, options));
			} finally {
				forget();
			}
		});
}

/** Said to whoever stopped a node with calls that have no result yet. */
export function goesOn(calls: number, { name, dataDir }: { name: string; dataDir: string }): string {
	const what = calls === 1 ? "1 call goes on" : `${calls} calls go on`;
	const [them, are] = calls === 1 ? ["it", "is"] : ["them", "are"];
	return `${what} without this command, and ${are} picked up when it is started again with --data ${dataDir}. To end ${them}: klaw delete node ${name}, and start it again with the same --data.`;
}

/** @throws CliError for what could not be a token */
function tokenOf({ token, tokenFile }: JoinFlags, cwd: string): string | (() => string) | undefined {
	if (token !== undefined && tokenFile !== undefined)
		throw new CliError("Give the join token with --token or with --token-file, not with both.");
	if (tokenFile !== undefined) return tokenIn(resolve(cwd, tokenFile));
	if (token === undefined || isToken(token)) return token;
	if (token.trim() === "") throw new CliError("The value of --token is empty. Make a join token with: klaw node token create");
	throw new CliError("The value of --token is no join token, which begins with klaw-join-. Make one with: klaw node token create");
}
