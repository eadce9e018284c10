import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { CliError } from "../errors.ts";
import { type ManifestObject, readManifests } from "../manifests.ts";
import { type Applied, applyObject, serverSideApply } from "../write/apply-object.ts";
import { Failures } from "../write/failures.ts";
import { openCluster } from "../write/open-cluster.ts";
import { placeManifest, requireName } from "../write/targets.ts";
import { addFileOptions, addWriteOptions, printList, printResult, queryOf, type WriteOptions } from "../write/write-options.ts";

interface ApplyFlags extends WriteOptions {
	filename?: string[];
	recursive?: boolean;
	serverSide?: boolean;
	forceConflicts?: boolean;
}

/** Who set the fields: as with kubectl, one name for each way to apply. */
const CLIENT_SIDE = "klaw-client-side-apply";
const SERVER_SIDE = "klaw";

export function addApply(program: Command, cli: Cli): void {
	const command = program
		.command("apply")
		.description("create or change objects as files describe them")
		.option("--server-side", "let the server merge, and keep the books on who set which field")
		.option("--force-conflicts", "with --server-side: take fields from other managers");
	addFileOptions(command, "what to apply");
	addWriteOptions(command, CLIENT_SIDE, { validate: true }).action(async (flags: ApplyFlags) => {
		if (flags.filename === undefined) throw new CliError("must specify one of -f and -k");
		if (flags.forceConflicts && !flags.serverSide) throw new CliError("--force-conflicts only works with --server-side");
		if (flags.serverSide && flags.dryRun === "client")
			throw new CliError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
		const manifests = await readManifests(flags.filename, cli.io, flags);
		const { requests, mapper, choice } = await openCluster(command, cli);
		const failures = new Failures();
		const named = command.getOptionValueSource("fieldManager") === "cli";
		const options = {
			...queryOf(flags),
			...(flags.serverSide && !named && { fieldManager: SERVER_SIDE }),
			force: flags.forceConflicts,
			mode: flags.dryRun,
			warn: (text: string) => cli.io.stderr.write(`Warning: ${text}\n`),
		};
		// Printed at the end, as one document.
		const shown: ManifestObject[] | undefined = flags.output && flags.output.type !== "name" ? [] : undefined;
		for (const manifest of manifests) {
			await failures.attempt(async () => {
				const target = placeManifest(manifest, mapper, choice);
				requireName(target);
				const { object, done }: Applied = await (flags.serverSide ? serverSideApply : applyObject)(requests, target, options);
				if (shown) shown.push(object);
				else printResult(cli, object, done, flags);
			});
		}
		const [only, ...more] = shown ?? [];
		if (only && more.length === 0) printResult(cli, only, "", flags);
		else if (only) printList(cli, [only, ...more], flags);
		failures.report(cli);
	});
}
