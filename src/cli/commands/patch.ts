import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { applyPatch, type Operation } from "rfc6902";
import { parse } from "yaml";
import type { Cli } from "../cli.ts";
import { ApiError, CliError } from "../errors.ts";
import { readManifests } from "../manifests.ts";
import { Failures } from "../write/failures.ts";
import { applyMergePatch, isMap } from "../write/merge-patch.ts";
import { openCluster } from "../write/open-cluster.ts";
import { PATCH_TYPES, type Place, type ServerObject } from "../write/resource-client.ts";
import { namedTargets, placeManifest } from "../write/targets.ts";
import { addFileOptions, addWriteOptions, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";

interface PatchFlags extends WriteOptions {
	filename?: string[];
	recursive?: boolean;
	type: "json" | "merge" | "strategic";
	patch?: string;
	patchFile?: string;
	subresource?: string;
}

export function addPatch(program: Command, cli: Cli): void {
	const command = program
		.command("patch")
		.description("change fields of an object")
		.argument("[resources...]", "TYPE NAME, or TYPE/NAME")
		.addOption(new Option("--type <type>", "what the patch is").choices(["json", "merge", "strategic"]).default("strategic"))
		.option("-p, --patch <patch>", "the patch as JSON or YAML")
		.option("--patch-file <file>", "the same, from a file")
		.option("--subresource <name>", "patch this subresource, for example status");
	addFileOptions(command, "patch what these describe");
	addWriteOptions(command, "klaw-patch").action(async (words: string[], flags: PatchFlags) => {
		const patch = await readPatch(flags, cli.io.cwd);
		const { client, requests, mapper, choice } = await openCluster(command, cli);
		const targets = flags.filename
			? (await readManifests(flags.filename, cli.io, flags)).map((manifest) => placeManifest(manifest, mapper, choice))
			: await namedTargets(client, mapper, words, choice);
		const failures = new Failures();
		for (const target of targets)
			await failures.attempt(async () => {
				const before = await requests.get(target, flags.subresource);
				const after =
					flags.dryRun === "client"
						? patched(before, flags.type, patch)
						: await requests.patch(target, flags.type, patch, queryOf(flags), flags.subresource).catch((error: unknown) => {
								throw unsupported(error, flags.type, target);
							});
				const changed = JSON.stringify(before) !== JSON.stringify(after);
				printResult(cli, after, changed ? "patched" : "patched (no change)", flags);
			});
		failures.report(cli);
	});
}

/** Not every kind takes every type of patch; kubectl says which. */
function unsupported(error: unknown, type: PatchFlags["type"], { resource }: Place): unknown {
	if (!(error instanceof ApiError) || error.code !== 415) return error;
	const kind = `${resource.group}/${resource.version}, Kind=${resource.kind}`;
	return new CliError(`${PATCH_TYPES[type]} is not supported by ${kind}: ${error.status.message}`);
}

async function readPatch({ patch, patchFile, type }: PatchFlags, cwd: string): Promise<unknown> {
	if (patch !== undefined && patchFile !== undefined) throw new CliError("cannot specify --patch and --patch-file together");
	if (!patch && patchFile === undefined) throw new CliError("must specify --patch or --patch-file containing the contents of the patch");
	const text = patch || (await readText(patchFile ?? "", cwd));
	let value: unknown;
	try {
		value = parse(text);
	} catch (error) {
		throw new CliError(`unable to parse "${text}": ${error instanceof Error ? error.message : String(error)}`);
	}
	const fits = type === "json" ? Array.isArray(value) : isMap(value);
	if (!fits) throw new CliError(`unable to parse "${text}": a ${type} patch is ${type === "json" ? "a list of operations" : "an object"}.`);
	return value;
}

async function readText(file: string, cwd: string): Promise<string> {
	try {
		return await readFile(resolve(cwd, file), "utf8");
	} catch (error) {
		throw new CliError(`unable to read patch file: ${error instanceof Error ? error.message : String(error)}`);
	}
}

/** For --dry-run=client. A strategic patch is shown as the merge patch that it is for fields which are no lists. */
function patched(object: ServerObject, type: PatchFlags["type"], patch: unknown): ServerObject {
	if (type !== "json") return asObject(applyMergePatch(object, patch), object);
	const copy = structuredClone(object);
	const [failure] = applyPatch(copy, patch as Operation[]).flatMap((error) => error ?? []);
	if (failure) throw new CliError(`The patch does not apply: ${failure.message}`);
	return copy;
}

function asObject(value: unknown, object: ServerObject): ServerObject {
	return isMap(value) ? { ...object, ...value } : object;
}
