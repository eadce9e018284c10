import { Command, CommanderError, Option } from "commander";
import { normalizeArguments } from "./arguments.ts";
import type { AddCommand, Cli } from "./cli.ts";
import { addApiResources } from "./commands/api-resources.ts";
import { addApiVersions } from "./commands/api-versions.ts";
import { addApply } from "./commands/apply.ts";
import { addAuth } from "./commands/auth.ts";
import { addCancel } from "./commands/cancel.ts";
import { addChat } from "./commands/chat.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConfig } from "./commands/config.ts";
import { addCreate } from "./commands/create.ts";
import { addDelete } from "./commands/delete.ts";
import { addDescribe } from "./commands/describe.ts";
import { addDiff } from "./commands/diff.ts";
import { addDispatch } from "./commands/dispatch.ts";
import { addEdit } from "./commands/edit.ts";
import { addEvents } from "./commands/events.ts";
import { addExplain } from "./commands/explain.ts";
import { addGet } from "./commands/get.ts";
import { addAnnotate, addLabel } from "./commands/label.ts";
import { addLogs } from "./commands/logs.ts";
import { addNode } from "./commands/node.ts";
import { addPatch } from "./commands/patch.ts";
import { addReplace } from "./commands/replace.ts";
import { addTop } from "./commands/top.ts";
import { addUp } from "./commands/up.ts";
import { addVersion } from "./commands/version.ts";
import { addWait } from "./commands/wait.ts";
import { addConnectionOptions } from "./connection-options.ts";
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
	addExplain,
	addEvents,
	addTop,
	addWait,
	addCreate,
	addApply,
	addDiff,
	addEdit,
	addPatch,
	addReplace,
	addLabel,
	addAnnotate,
	addDelete,
	addLogs,
	addCancel,
	addNode,
	addAuth,
	addApiResources,
	addApiVersions,
	addConfig,
	addCompletion,
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
		.addOption(new Option("-s, --server <url>", "URL of the server").hideHelp())
		.addOption(new Option("--token <token>", "bearer token").hideHelp());
	addConnectionOptions(program);
	// Global options may stand anywhere all the same: normalizeArguments puts them in front.
	program.enablePositionalOptions();
	for (const add of COMMANDS) add(program, cli);
	if (argv.length === 0) {
		program.outputHelp();
		return 0;
	}
	try {
		await program.parseAsync(normalizeArguments(argv, program), { from: "user" });
		return cli.exitCode;
	} catch (error) {
		// Commander has printed its own errors, and its help.
		if (error instanceof CommanderError) return error.exitCode;
		io.stderr.write(`${sentence(error)}\n`);
		return 1;
	}
}
