import type { Command } from "commander";
import { type Cli, connect } from "../cli.ts";
import { CliError } from "../errors.ts";
import { OUTPUT_HELP, readFormat } from "../output/format.ts";
import { findTargets } from "../read/find-targets.ts";
import { followChanges } from "../read/follow-changes.ts";
import { type GetOptions, Getter } from "../read/getter.ts";

interface Options extends Omit<GetOptions, "format"> {
	output?: string;
	filename?: string[];
	raw?: string;
	chunkSize: number;
	watch?: boolean;
	watchOnly?: boolean;
	outputWatchEvents?: boolean;
}

const NO_TYPE = `You must specify the type of resource to get. Use "klaw api-resources" for a complete list of supported resources.

error: Required resource not specified.
Use "klaw explain <resource>" for a detailed description of that resource (e.g. klaw explain pods).
See 'klaw get -h' for help and examples
`;

export function addGet(program: Command, cli: Cli): void {
	program
		.command("get")
		.description("list objects, or show some of them")
		.argument("[words...]", "a type such as agents or agents,tasks, and names; or TYPE/NAME")
		.option("-o, --output <format>", OUTPUT_HELP)
		.option("-A, --all-namespaces", "of all namespaces")
		.option("-l, --selector <labels>", "only objects with these labels, for example app=x,tier!=y")
		.option("--field-selector <fields>", "only objects with these fields, for example metadata.name=x")
		.option("-w, --watch", "go on with what changes")
		.option("--watch-only", "what changes, without what is there")
		.option("--output-watch-events", "say of each change which it is")
		.option("--sort-by <jsonpath>", "in the order of a field")
		.option("-L, --label-columns <labels>", "show these labels as columns", commas, [])
		.option("--show-labels", "show all labels as the last column")
		.option("--show-managed-fields", "keep metadata.managedFields in JSON and YAML")
		.option("--no-headers", "leave out the line of column names")
		.option("--ignore-not-found", "what is not there is no failure")
		.option("--chunk-size <number>", "objects to ask for at once; 0: all", wholeNumber, 500)
		.option("-f, --filename <file>", "what these files name", repeated)
		.option("--raw <path>", "print what the server answers to this path")
		.action(async (words: string[], options: Options, command: Command) => {
			if (options.raw !== undefined) return printRaw(cli, command, words, options.raw);
			if (options.outputWatchEvents && !options.watch && !options.watchOnly)
				throw new CliError("--output-watch-events option can only be used with --watch or --watch-only");
			if (words.length === 0 && !options.filename) {
				cli.io.stderr.write(NO_TYPE);
				cli.exitCode = 1;
				return;
			}
			const format = options.output === undefined ? ({ type: "table" } as const) : readFormat(options.output, cli.io.cwd);
			const { client, namespace } = await connect(command, cli.io);
			const targets = await findTargets(client, cli.io, words, { ...options, namespace });
			const getter = new Getter(client, cli, { ...options, format, namespace });
			if (options.watch || options.watchOnly) await followChanges(getter, targets, options);
			else await getter.print(targets);
		});
}

async function printRaw(cli: Cli, command: Command, words: readonly string[], path: string): Promise<void> {
	if (words.length > 0) throw new CliError("arguments may not be passed when --raw is specified");
	if (!path.startsWith("/")) throw new CliError(`--raw must be a valid URL path: parse "${path}": invalid URI for request`);
	const { client } = await connect(command, cli.io);
	cli.io.stdout.write(await client.text(path));
}

function commas(text: string, before: string[]): string[] {
	return [...before, ...text.split(",").filter((label) => label !== "")];
}

function repeated(text: string, before: string[] | undefined): string[] {
	return [...(before ?? []), ...text.split(",")];
}

function wholeNumber(text: string): number {
	if (!/^\d{1,9}$/.test(text)) throw new CliError(`invalid argument "${text}" for "--chunk-size" flag: it must be a whole number`);
	return Number(text);
}
