import { Command, CommanderError, Option } from "commander";
import { firstWord, normalizeArguments } from "./arguments.ts";
import type { AddCommand, Cli } from "./cli.ts";
import { addConnectionOptions } from "./connection-options.ts";
import { sentence } from "./errors.ts";
import type { Io } from "./io.ts";
import { VERSION } from "./version.ts";

/**
 * Every command, in the order in which the help lists them. Only the one that is called is loaded: what they all need
 * together takes several times as long to load as most of them take to run.
 */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
	up: async () => (await import("./commands/up.ts")).addUp,
	chat: async () => (await import("./commands/chat.ts")).addChat,
	dispatch: async () => (await import("./commands/dispatch.ts")).addDispatch,
	get: async () => (await import("./commands/get.ts")).addGet,
	describe: async () => (await import("./commands/describe.ts")).addDescribe,
	explain: async () => (await import("./commands/explain.ts")).addExplain,
	events: async () => (await import("./commands/events.ts")).addEvents,
	top: async () => (await import("./commands/top.ts")).addTop,
	wait: async () => (await import("./commands/wait.ts")).addWait,
	create: async () => (await import("./commands/create.ts")).addCreate,
	apply: async () => (await import("./commands/apply.ts")).addApply,
	diff: async () => (await import("./commands/diff.ts")).addDiff,
	edit: async () => (await import("./commands/edit.ts")).addEdit,
	patch: async () => (await import("./commands/patch.ts")).addPatch,
	replace: async () => (await import("./commands/replace.ts")).addReplace,
	label: async () => (await import("./commands/label.ts")).addLabel,
	annotate: async () => (await import("./commands/label.ts")).addAnnotate,
	delete: async () => (await import("./commands/delete.ts")).addDelete,
	logs: async () => (await import("./commands/logs.ts")).addLogs,
	exec: async () => (await import("./commands/exec.ts")).addExec,
	cp: async () => (await import("./commands/cp.ts")).addCp,
	checkpoint: async () => (await import("./commands/checkpoint.ts")).addCheckpoint,
	why: async () => (await import("./commands/why.ts")).addWhy,
	cordon: async () => (await import("./commands/cordon.ts")).addCordon,
	uncordon: async () => (await import("./commands/cordon.ts")).addUncordon,
	taint: async () => (await import("./commands/taint.ts")).addTaint,
	drain: async () => (await import("./commands/drain.ts")).addDrain,
	cancel: async () => (await import("./commands/cancel.ts")).addCancel,
	node: async () => (await import("./commands/node.ts")).addNode,
	auth: async () => (await import("./commands/auth.ts")).addAuth,
	"api-resources": async () => (await import("./commands/api-resources.ts")).addApiResources,
	"api-versions": async () => (await import("./commands/api-versions.ts")).addApiVersions,
	config: async () => (await import("./commands/config.ts")).addConfig,
	completion: async () => (await import("./commands/completion.ts")).addCompletion,
	version: async () => (await import("./commands/version.ts")).addVersion,
};

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
	for (const add of await loadCommands(firstWord(argv, program))) add(program, cli);
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

/** The command that is called; all of them where that is none, for the help and for the suggestion of a similar one. */
function loadCommands(called: string | undefined): Promise<AddCommand[]> {
	const only = called !== undefined && Object.hasOwn(COMMANDS, called) ? COMMANDS[called] : undefined;
	return Promise.all((only ? [only] : Object.values(COMMANDS)).map((load) => load()));
}
