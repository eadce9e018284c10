import type { Command } from "commander";
import { qualified } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { readManifests } from "../manifests.ts";
import { untilDeleted } from "../write/deletion.ts";
import { Failures, withSource } from "../write/failures.ts";
import { LAST_APPLIED, withLastApplied } from "../write/last-applied.ts";
import { openCluster } from "../write/open-cluster.ts";
import type { ResourceClient } from "../write/resource-client.ts";
import { type ManifestTarget, placeManifest, requireName } from "../write/targets.ts";
import { addFileOptions, addWriteOptions, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";

interface ReplaceFlags extends WriteOptions {
	filename?: string[];
	recursive?: boolean;
	force?: boolean;
	saveConfig?: boolean;
	subresource?: string;
}

export function addReplace(program: Command, cli: Cli): void {
	const command = program
		.command("replace")
		.description("put objects in the place of those of the same name")
		.option("--force", "delete the old objects, and create the new ones")
		.option("--subresource <name>", "replace this subresource, for example status")
		.option("--save-config", "note the object for a later apply");
	addFileOptions(command, "what to put there");
	addWriteOptions(command, "klaw-replace", { validate: true }).action(async (flags: ReplaceFlags) => {
		if (flags.filename === undefined) throw new CliError("must specify one of -f and -k");
		if (flags.force && flags.dryRun !== "none") throw new CliError("--dry-run can not be used when --force is set");
		const manifests = await readManifests(flags.filename, cli.io, flags);
		const { requests, mapper, choice } = await openCluster(command, cli);
		const failures = new Failures();
		const targets: ManifestTarget[] = [];
		for (const manifest of manifests)
			await failures.attempt(async () => {
				const target = placeManifest(manifest, mapper, choice);
				requireName(target);
				if (flags.force) await remove(requests, target, cli);
				targets.push(target);
			});
		for (const target of targets) {
			await failures.attempt(async () => {
				const noted = flags.saveConfig || target.object.metadata.annotations?.[LAST_APPLIED] !== undefined;
				const object = noted ? withLastApplied(target.object) : target.object;
				if (flags.dryRun === "client") return printResult(cli, object, "replaced", flags);
				try {
					const replaced = flags.force
						? await requests.create(target.resource, target.namespace, object, queryOf(flags))
						: await requests.replace(target, object, queryOf(flags), flags.subresource);
					printResult(cli, replaced, "replaced", flags);
				} catch (error) {
					throw withSource(error, "replacing", target.source);
				}
			});
		}
		failures.report(cli);
	});
}

/** Makes room for the new object. */
async function remove(requests: ResourceClient, target: ManifestTarget, cli: Cli): Promise<void> {
	const old = await requests.find(target);
	if (!old) return;
	await requests.delete(target, { propagationPolicy: "Background" });
	cli.io.stdout.write(`${qualified(target.resource)} "${target.name}" deleted\n`);
	await untilDeleted(requests, target, old.metadata.uid, undefined);
}
