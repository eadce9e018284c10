import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import { parseApiVersion } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readManifests } from "../manifests.ts";
import { changeMap, type MapChange, splitChanges } from "../write/change-map.ts";
import { Failures } from "../write/failures.ts";
import { mergePatch } from "../write/merge-patch.ts";
import { openCluster } from "../write/open-cluster.ts";
import type { ServerObject } from "../write/resource-client.ts";
import { type ListSelection, namedTargets, placeManifest } from "../write/targets.ts";
import { addFileOptions, addWriteOptions, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";

interface LabelFlags extends WriteOptions, ListSelection {
	filename?: string[];
	recursive?: boolean;
	overwrite?: boolean;
	list?: boolean;
	resourceVersion?: string;
}

/** A verb that changes a map in the metadata. */
interface MapVerb {
	verb: "label" | "annotate";
	what: "label" | "annotation";
	field: "labels" | "annotations";
	/** What to say was done. */
	done(before: object, after: object, overwrite: boolean): string;
}

const LABEL: MapVerb = {
	verb: "label",
	what: "label",
	field: "labels",
	done(before, after, overwrite) {
		if (isDeepStrictEqual(before, after)) return "not labeled";
		return !overwrite && JSON.stringify(after).length < JSON.stringify(before).length ? "unlabeled" : "labeled";
	},
};
const ANNOTATE: MapVerb = { verb: "annotate", what: "annotation", field: "annotations", done: () => "annotated" };

export function addLabel(program: Command, cli: Cli): void {
	addMapVerb(program, cli, LABEL);
}

export function addAnnotate(program: Command, cli: Cli): void {
	addMapVerb(program, cli, ANNOTATE);
}

function addMapVerb(program: Command, cli: Cli, kind: MapVerb): void {
	const command = program
		.command(kind.verb)
		.description(`set or remove ${kind.what}s of objects`)
		.argument("[words...]", "TYPE NAME … or TYPE/NAME …, then KEY=VALUE … and KEY- … to remove")
		.option("--overwrite", "change values that are there already")
		.option("--list", `show the ${kind.what}s`)
		.option("--all", "all objects of the kind")
		.option("-l, --selector <labels>", "those with these labels")
		.option("--field-selector <fields>", "those with these fields")
		.option("-A, --all-namespaces", "in every namespace")
		.option("--resource-version <version>", "only if the object is still of this version");
	addFileOptions(command, `${kind.verb} what these describe`);
	addWriteOptions(command, `klaw-${kind.verb}`).action(async (words: string[], flags: LabelFlags) => {
		const { resources, change } = splitChanges(words, kind.what);
		const changes = change.set.size + change.remove.size;
		if (resources.length === 0 && flags.filename === undefined)
			throw new CliError("one or more resources must be specified as <resource> <name> or <resource>/<name>");
		if (changes === 0 && !flags.list) throw new CliError(`at least one ${kind.what} update is required`);
		if (flags.all && flags.selector) throw new CliError("cannot set --all and --selector at the same time");
		const { client, requests, mapper, choice } = await openCluster(command, cli);
		const targets = flags.filename
			? (await readManifests(flags.filename, cli.io, flags)).map((manifest) => placeManifest(manifest, mapper, choice))
			: await namedTargets(client, mapper, resources, choice, flags);
		if (flags.resourceVersion !== undefined && targets.length > 1)
			throw new CliError("--resource-version may only be used with a single resource");
		const failures = new Failures();
		for (const target of targets)
			await failures.attempt(async () => {
				const before = await requests.get(target);
				for (const key of change.remove)
					if (mapOf(before, kind)[key] === undefined && kind === LABEL) cli.io.stdout.write(`label "${key}" not found.\n`);
				const after = changes === 0 ? before : changed(before, kind, change, flags);
				if (flags.list) return list(cli, after, kind, targets.length > 1 || Boolean(flags.all || flags.selector || flags.fieldSelector));
				const patch = mergePatch(before, after);
				const sent = Object.keys(patch).length > 0 && flags.dryRun !== "client";
				const result = sent ? await requests.patch(target, "merge", patch, queryOf(flags)) : after;
				printResult(cli, result, kind.done(before, after, flags.overwrite ?? false), flags);
			});
		failures.report(cli);
	});
}

function changed(object: ServerObject, kind: MapVerb, change: MapChange, { overwrite = false, resourceVersion }: LabelFlags): ServerObject {
	const map = changeMap(mapOf(object, kind), change, { overwrite, what: kind.what });
	return { ...object, metadata: { ...object.metadata, ...(resourceVersion && { resourceVersion }), [kind.field]: map } };
}

function mapOf({ metadata }: ServerObject, { field }: MapVerb): Record<string, string> {
	return metadata[field] ?? {};
}

function list(cli: Cli, object: ServerObject, kind: MapVerb, several: boolean): void {
	const indent = several ? " " : "";
	const { apiVersion, metadata } = object;
	// With the dot even where there is no group, as kubectl writes it.
	const { group } = parseApiVersion(apiVersion);
	if (several) cli.io.stdout.write(`Listing ${kind.what}s for ${object.kind}.${group}/${metadata.name}:\n`);
	for (const [key, value] of Object.entries(mapOf(object, kind)).sort()) cli.io.stdout.write(`${indent}${key}=${value}\n`);
}
