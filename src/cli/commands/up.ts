import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { capacityOption } from "../node-options.ts";
import { hostOption, portOption } from "../up/port.ts";
import { up } from "../up/up.ts";

interface UpFlags {
	port?: number;
	httpsPort?: number;
	host: string;
	data?: string;
	demo?: boolean;
	node: boolean;
	nodeCapacity?: string;
	containers?: boolean;
	allowLocalNetwork?: boolean;
}

export function addUp(program: Command, cli: Cli): void {
	program
		.command("up")
		.description("run klaw on this machine: the API server in workerd, and one local node")
		.option("--port <number>", "default: 8787", portOption)
		.option("--https-port <number>", "for kubectl; default: 8443, or any free one when that is taken", portOption)
		.option("--host <address>", "IPv4 address to listen on", hostOption, "127.0.0.1")
		.option("--data <dir>", "where everything is kept; default: .klaw")
		.option("--demo", "run one task on a free port, and exit")
		.option("--no-demo", "leave out the first task")
		.option("--no-node", "start no local node")
		.option("--containers", "run tools in containers (with Docker) instead of on this machine")
		.option("--node-capacity <list>", "what the local node offers, e.g. cpu=2,memory=4Gi,slots=16", capacityOption)
		.option("--allow-local-network", "let tools reach addresses of this machine and its networks")
		.allowExcessArguments()
		.action(async (flags: UpFlags, { args }: Command) => {
			if (args.length > 0) throw new CliError(stray(args));
			const containers = flags.containers ?? false;
			if (containers && flags.nodeCapacity !== undefined)
				throw new CliError(
					'--node-capacity is of the local node, and --containers starts none. Say what a container has with KLAW_CONTAINERS, e.g. {"instance":{"cpu":1}}.',
				);
			if (!flags.node && flags.nodeCapacity !== undefined)
				throw new CliError("--node-capacity is of the local node, and --no-node starts none. Leave one of them out.");
			if (flags.demo === true && !flags.node && !containers)
				throw new CliError("The demo runs commands on the local node: leave out --no-node.");
			cli.exitCode = await up(
				{
					host: flags.host,
					port: flags.port,
					httpsPort: flags.httpsPort,
					data: flags.data,
					demo: flags.demo === undefined ? "first" : flags.demo ? "only" : "none",
					node: flags.node,
					nodeCapacity: flags.nodeCapacity,
					containers,
					allowLocalNetwork: flags.allowLocalNetwork ?? false,
				},
				cli.io,
			);
		});
}

/** npm keeps the options that are not behind `--` for itself, and passes on their values. */
function stray(words: readonly string[]): string {
	const meant = /^\d+$/.test(words[0] ?? "") ? `--port ${words[0]}` : "--OPTION VALUE";
	return `up takes options only, and was given "${words.join(" ")}". With npm, options stand behind two dashes: npm start -- ${meant}`;
}
