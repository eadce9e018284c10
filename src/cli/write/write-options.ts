import { type Command, InvalidArgumentError, Option } from "commander";
import { objectName } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import type { ManifestObject } from "../manifests.ts";
import type { KubeObject } from "../objects.ts";
import { type Format, OUTPUT_HELP, parseFormat, withoutManagedFields, writeObject } from "../output/format.ts";
import type { WriteQuery } from "./resource-client.ts";

export type DryRun = "none" | "client" | "server";

/** What the options of {@link addWriteOptions} give. */
export interface WriteOptions {
	dryRun: DryRun;
	fieldManager: string;
	validate?: WriteQuery["fieldValidation"];
	output?: Format;
	showManagedFields?: boolean;
}

/** The options that every command which writes has. `fieldManager` is what the server is told who writes. */
export function addWriteOptions(command: Command, fieldManager: string, { validate = false }: { validate?: boolean } = {}): Command {
	command
		.addOption(
			new Option("--dry-run <mode>", "none, client (nothing is sent) or server (nothing is stored)").default("none").argParser(dryRun),
		)
		.addOption(new Option("--field-manager <name>", "who the server says has set the fields").default(fieldManager).hideHelp())
		.option("-o, --output <format>", OUTPUT_HELP, parseFormat)
		.option("--show-managed-fields", "keep managedFields when printing objects in JSON or YAML");
	if (validate)
		command.addOption(
			new Option("--validate <how>", "strict, warn or ignore unknown fields").default("Strict", "strict").argParser(validation),
		);
	return command;
}

/** `-f`, which may be repeated and holds several with commas between, and `-R`. */
export function addFileOptions(command: Command, what: string): Command {
	return command
		.option("-f, --filename <file>", `${what}: YAML or JSON file, directory, URL, or - for standard input`, commaList)
		.option("-R, --recursive", "also the directories in the directories of -f");
}

/** For commander: an option that may be repeated, each with commas. */
export function commaList(text: string, before: string[] | undefined): string[] {
	return [...(before ?? []), ...text.split(",")];
}

/** For commander: an option that may be repeated, each as it stands. */
export function repeated(text: string, before: string[] | undefined): string[] {
	return [...(before ?? []), text];
}

/** What a write tells the server. */
export function queryOf({ dryRun, fieldManager, validate }: WriteOptions): WriteQuery {
	return { dryRun: dryRun === "server", fieldManager, fieldValidation: validate };
}

/** Says what was done, one line as kubectl's, or shows the object with `-o`. */
export function printResult(
	cli: Cli,
	object: ManifestObject,
	done: string,
	{ output, dryRun, showManagedFields }: Pick<WriteOptions, "dryRun" | "output" | "showManagedFields">,
): void {
	const shown = showable(object);
	if (output === undefined || output.type === "name")
		cli.io.stdout.write(`${objectName(shown)}${output ? "" : ` ${done}${suffix(dryRun)}`}\n`);
	else writeObject(cli.io.stdout, showManagedFields ? shown : withoutManagedFields(shown), output);
}

/** Shows several objects as one list. */
export function printList(
	cli: Cli,
	objects: readonly ManifestObject[],
	{ output, showManagedFields }: Pick<WriteOptions, "output" | "showManagedFields">,
): void {
	if (!output) return;
	const items = objects.map(showable).map((object) => (showManagedFields ? object : withoutManagedFields(object)));
	writeObject(cli.io.stdout, { apiVersion: "v1", kind: "List", metadata: {}, items }, output);
}

/** What users may leave empty is then not there. */
function showable({ metadata, ...rest }: ManifestObject): KubeObject {
	const { name = metadata.generateName ?? "", namespace, labels, annotations } = metadata;
	return {
		...rest,
		metadata: { ...metadata, name, namespace: namespace ?? undefined, labels: labels ?? undefined, annotations: annotations ?? undefined },
	};
}

export function suffix(dryRun: DryRun): string {
	return dryRun === "none" ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)";
}

function dryRun(text: string): DryRun {
	if (text === "none" || text === "client" || text === "server") return text;
	throw new InvalidArgumentError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`);
}

function validation(text: string): WriteQuery["fieldValidation"] {
	const values = { strict: "Strict", true: "Strict", warn: "Warn", ignore: "Ignore", false: "Ignore" } as const;
	const found = Object.entries(values).find(([word]) => word === text.toLowerCase());
	if (found) return found[1];
	throw new InvalidArgumentError(`invalid - validate option "${text}"; must be one of: strict (or true), warn, ignore (or false)`);
}
