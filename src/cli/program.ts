import { Command, CommanderError, Option } from "commander";
import type { AddCommand, Cli } from "./cli.ts";
import { addApply } from "./commands/apply.ts";
import { addCancel } from "./commands/cancel.ts";
import { addChat } from "./commands/chat.ts";
import { addCreate } from "./commands/create.ts";
import { addDelete } from "./commands/delete.ts";
import { addDescribe } from "./commands/describe.ts";
import { addDispatch } from "./commands/dispatch.ts";
import { addGet } from "./commands/get.ts";
import { addLogs } from "./commands/logs.ts";
import { addNode } from "./commands/node.ts";
import { addUp } from "./commands/up.ts";
import { addVersion } from "./commands/version.ts";
import { sentence } from "./errors.ts";
import type { Io } from "./io.ts";
import { VERSION } from "./version.ts";

/** Every command, in the order in which the help lists them. */
const COMMANDS: readonly AddCommand[] = [
	addUp,
	addChat,
	addDispatch,
	addGet,
	addDescribe,
	addCreate,
	addApply,
	addDelete,
	addLogs,
	addCancel,
	addNode,
	addVersion,
];

/**
 * Runs one command line (without `node` and the script) and returns the exit code. Every failure is a sentence on
 * stderr.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
	const cli: Cli = { io, exitCode: 0 };
	const program = new Command("klaw")
		.description("Kubernetes for AI agents.")
		.exitOverride()
		.configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
		.configureHelp({ showGlobalOptions: true })
		.version(VERSION, "--version", "show the version of this command")
		.option("-n, --namespace <name>", "namespace; default: that of the context")
		.option("--kubeconfig <file>", "default: $KUBECONFIG, .klaw/kubeconfig, ~/.kube/config")
		.option("--context <name>", "context of the kubeconfig")
		.addOption(new Option("--server <url>", "URL of the server").hideHelp())
		.addOption(new Option("--token <token>", "bearer token").hideHelp());
	for (const add of COMMANDS) add(program, cli);
	if (argv.length === 0) {
		program.outputHelp();
		return 0;
	}
	try {
		await program.parseAsync(argv, { from: "user" });
		return cli.exitCode;
	} catch (error) {
		// Commander has printed its own errors, and its help.
		if (error instanceof CommanderError) return error.exitCode;
		io.stderr.write(`${sentence(error)}\n`);
		return 1;
	}
}
