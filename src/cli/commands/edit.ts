import type { Command } from "commander";
import { parse } from "yaml";
import { objectName, qualified } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { ApiError, CliError } from "../errors.ts";
import { readManifests } from "../manifests.ts";
import { formatYaml } from "../output/yaml.ts";
import { EditedFile } from "../write/editor.ts";
import { Failures } from "../write/failures.ts";
import { LAST_APPLIED, withLastApplied } from "../write/last-applied.ts";
import { isMap, mergePatch } from "../write/merge-patch.ts";
import { openCluster } from "../write/open-cluster.ts";
import type { ResourceClient, ServerObject } from "../write/resource-client.ts";
import { type NamedTarget, namedTargets, placeManifest } from "../write/targets.ts";
import { addFileOptions, addWriteOptions, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";

interface EditFlags extends WriteOptions {
	filename?: string[];
	recursive?: boolean;
	saveConfig?: boolean;
	subresource?: string;
}

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

export function addEdit(program: Command, cli: Cli): void {
	const command = program
		.command("edit")
		.description("change an object in your editor ($KUBE_EDITOR, $EDITOR)")
		.argument("[resources...]", "TYPE NAME, or TYPE/NAME")
		.option("--save-config", "note the object for a later apply")
		.option("--subresource <name>", "edit this subresource, for example status");
	addFileOptions(command, "edit what these describe");
	addWriteOptions(command, "klaw-edit", { validate: true }).action(async (words: string[], flags: EditFlags) => {
		const { client, requests, mapper, choice } = await openCluster(command, cli);
		const targets: NamedTarget[] = flags.filename
			? (await readManifests(flags.filename, cli.io, flags)).map((manifest) => {
					const { object: _, ...target } = placeManifest(manifest, mapper, choice);
					return target;
				})
			: await namedTargets(client, mapper, words, choice);
		const failures = new Failures();
		for (const target of targets) await failures.attempt(() => edit(requests, target, flags, cli));
		failures.report(cli);
	});
}

/** Reopens the editor with what was wrong, until it is saved, or left as it was. */
async function edit(requests: ResourceClient, target: NamedTarget, flags: EditFlags, cli: Cli): Promise<void> {
	const live = flags.showManagedFields
		? await requests.get(target, flags.subresource)
		: withoutFields(await requests.get(target, flags.subresource));
	const file = await EditedFile.create(cli.io);
	let keep = false;
	try {
		let shown = `${HEADER}${formatYaml(live)}`;
		let failed = false;
		for (;;) {
			const saved = await file.edit(shown);
			if (content(saved) === content(shown)) {
				keep = failed;
				if (failed) throw new CliError("Edit cancelled, no valid changes were saved.");
				cli.io.stderr.write("Edit cancelled, no changes made.\n");
				return;
			}
			if (content(saved).trim() === "") {
				cli.io.stderr.write("Edit cancelled, saved file was empty.\n");
				return;
			}
			let problem: string;
			try {
				const edited = parseEdited(saved, live);
				const patch = mergePatch(
					live,
					flags.saveConfig || live.metadata.annotations?.[LAST_APPLIED] !== undefined ? noted(edited) : edited,
				);
				if (Object.keys(patch).length === 0) {
					cli.io.stderr.write("Edit cancelled, no changes made.\n");
					return;
				}
				printResult(cli, await requests.patch(target, "merge", patch, queryOf(flags), flags.subresource), "edited", flags);
				return;
			} catch (error) {
				if (!(error instanceof CliError) || !isReopened(error)) {
					keep = true;
					throw error;
				}
				problem = explain(error, target);
			}
			failed = true;
			shown = `${HEADER}${problem}${content(saved)}`;
		}
	} finally {
		if (keep) cli.io.stderr.write(`A copy of your changes has been stored to "${file.path}"\n`);
		else await file.remove();
	}
}

/** Whether another look at the file may help. */
function isReopened(error: CliError): boolean {
	return !(error instanceof ApiError) || [400, 409, 422].includes(error.code);
}

/** What is wrong, as comments at the head of the file. */
function explain(error: CliError, { resource, name }: NamedTarget): string {
	const causes = error instanceof ApiError ? (error.status.details?.causes ?? []) : [];
	if (causes.length === 0)
		return `${error.message
			.split("\n")
			.map((line) => `# ${line}\n`)
			.join("")}#\n`;
	const lines = causes.map(({ field, message }) => `# * ${field ? `${field}: ` : ""}${(message ?? "").split("\n").join("\n# ")}\n`);
	return `# ${qualified(resource, "plural")} "${name}" was not valid:\n${lines.join("")}#\n`;
}

/** @throws CliError when it is no object, or another one */
function parseEdited(text: string, live: ServerObject): ServerObject {
	let value: unknown;
	try {
		value = parse(text);
	} catch (error) {
		throw new CliError(`The edited file had a syntax error: ${error instanceof Error ? error.message : String(error)}`);
	}
	if (!isMap(value) || !isMap(value.metadata)) throw new CliError("The edited file had a syntax error: it is no object with metadata.");
	const { apiVersion, kind, metadata } = value;
	if (apiVersion !== live.apiVersion || kind !== live.kind || metadata.name !== live.metadata.name)
		throw new CliError(`At least one of apiVersion, kind and name was changed: this is ${objectName(live)}.`);
	return { ...value, apiVersion, kind, metadata: { ...metadata, name: live.metadata.name } };
}

function noted(object: ServerObject): ServerObject {
	const { status: _, ...wanted } = object;
	return { ...object, metadata: { ...object.metadata, annotations: withLastApplied(wanted).metadata.annotations } };
}

/** Without comments, as what is compared. */
function content(text: string): string {
	return text
		.split("\n")
		.filter((line) => !line.startsWith("#"))
		.join("\n");
}

function withoutFields(object: ServerObject): ServerObject {
	const { managedFields: _, ...metadata } = object.metadata;
	return { ...object, metadata: { ...metadata, name: object.metadata.name } };
}
