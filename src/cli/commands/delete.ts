import { type Command, InvalidArgumentError, Option } from "commander";
import { objectName, qualified } from "../api-resource.ts";
import type { Cli } from "../cli.ts";
import { durationOption } from "../duration.ts";
import { ApiError, CliError } from "../errors.ts";
import { readManifests } from "../manifests.ts";
import { untilDeleted } from "../write/deletion.ts";
import { Failures, withSource } from "../write/failures.ts";
import { openCluster } from "../write/open-cluster.ts";
import type { DeleteBody } from "../write/resource-client.ts";
import { type NamedTarget, namedTargets, placeManifest, requireName } from "../write/targets.ts";
import { addFileOptions, type DryRun, suffix } from "../write/write-options.ts";

interface DeleteFlags {
	filename?: string[];
	recursive?: boolean;
	selector?: string;
	fieldSelector?: string;
	all?: boolean;
	allNamespaces?: boolean;
	wait: boolean;
	timeout?: number;
	gracePeriod: number;
	now?: boolean;
	force?: boolean;
	cascade: NonNullable<DeleteBody["propagationPolicy"]>;
	ignoreNotFound?: boolean;
	dryRun: DryRun;
	output?: "name";
}

const FORCED =
	"Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

export function addDelete(program: Command, cli: Cli): void {
	const command = program
		.command("delete")
		.description("delete objects by file, name or label; a running task is cancelled first")
		.argument("[resources...]", "TYPE NAME …, TYPE/NAME …, or TYPE with -l or --all")
		.option("-l, --selector <labels>", "those with these labels")
		.option("--field-selector <fields>", "those with these fields, for example metadata.name=x")
		.option("--all", "all of the kind")
		.option("-A, --all-namespaces", "in every namespace")
		.option("--wait", "wait until they are gone", true)
		.option("--no-wait", "do not wait until they are gone")
		.option("--timeout <duration>", "how long to wait; default: for as long as it takes", timeout)
		.option("--grace-period <seconds>", "time to end in order; -1: the kind's own", seconds, -1)
		.option("--now", "the same as --grace-period=1")
		.option("--force", "with --grace-period=0: do not wait for an end in order")
		.addOption(
			new Option("--cascade <how>", "background, foreground or orphan: what becomes of objects that this one owns")
				.default("Background", "background")
				.argParser(cascade),
		)
		.option("--ignore-not-found", "what is not there counts as deleted")
		.addOption(new Option("--dry-run <mode>", "none, client or server").choices(["none", "client", "server"]).default("none"))
		.addOption(new Option("-o, --output <format>", "name").choices(["name"]));
	addFileOptions(command, "delete what these describe").action(async (words: string[], flags: DeleteFlags) => {
		const options = deleteOptions(flags);
		const { client, requests, mapper, choice } = await openCluster(command, cli);
		const failures = new Failures();
		const targets: NamedTarget[] = [];
		if (flags.filename !== undefined) {
			if (words.length > 0)
				throw new CliError("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well");
			for (const manifest of await readManifests(flags.filename, cli.io, flags))
				await failures.attempt(async () => {
					const { object: _, ...target } = placeManifest(manifest, mapper, choice);
					requireName(target);
					targets.push(target);
				});
		} else {
			if (flags.all && flags.selector) throw new CliError("cannot set --all and --selector at the same time");
			targets.push(...(await namedTargets(client, mapper, words, choice, flags)));
			if (targets.length === 0) cli.io.stdout.write("No resources found\n");
		}
		if (choice.explicit && targets.some(({ resource }) => !resource.namespaced))
			cli.io.stderr.write("Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n");
		if (flags.force) cli.io.stderr.write(`Warning: ${FORCED}\n`);
		const deleted: { target: NamedTarget; uid: string | undefined }[] = [];
		for (const target of targets)
			await failures.attempt(async () => {
				try {
					const uid = flags.dryRun === "client" ? (await requests.get(target)).metadata.uid : await remove(target);
					say(target);
					deleted.push({ target, uid });
				} catch (error) {
					const fine = (flags.ignoreNotFound ?? flags.all) === true;
					if (!(error instanceof ApiError) || error.code !== 404 || !fine) throw withSource(error, "deleting", target.source);
				}
			});
		if (flags.wait && flags.dryRun === "none")
			for (const { target, uid } of deleted) await failures.attempt(() => untilDeleted(requests, target, uid, flags.timeout));
		failures.report(cli);

		async function remove(target: NamedTarget): Promise<string | undefined> {
			const answer = await requests.delete(target, options);
			return answer.metadata?.uid ?? answer.details?.uid ?? target.object?.metadata.uid;
		}

		function say({ resource, name }: NamedTarget): void {
			const { group, version, kind } = resource;
			if (flags.output === "name") {
				cli.io.stdout.write(`${objectName({ apiVersion: group === "" ? version : `${group}/${version}`, kind, metadata: { name } })}\n`);
				return;
			}
			const forced = options.gracePeriodSeconds === 0 ? "force deleted" : "deleted";
			cli.io.stdout.write(`${qualified(resource)} "${name}" ${forced}${suffix(flags.dryRun)}\n`);
		}
	});
}

/** What the request says. @throws CliError for options that contradict each other */
function deleteOptions({ gracePeriod, now, force, cascade, dryRun }: DeleteFlags): DeleteBody {
	if (now && gracePeriod !== -1) throw new CliError("--now and --grace-period cannot be specified together");
	if (force && gracePeriod > 0) throw new CliError("--force and --grace-period greater than 0 cannot be specified together");
	let grace = now ? 1 : gracePeriod;
	if (force && grace < 0) grace = 0;
	// As in kubectl: only --force skips an end in order.
	else if (!force && grace === 0) grace = 1;
	return {
		propagationPolicy: cascade,
		...(grace >= 0 && { gracePeriodSeconds: grace }),
		...(dryRun === "server" && { dryRun: ["All"] }),
	};
}

function cascade(text: string): DeleteFlags["cascade"] {
	const values = { background: "Background", true: "Background", foreground: "Foreground", orphan: "Orphan", false: "Orphan" } as const;
	const found = Object.entries(values).find(([word]) => word === text);
	if (found) return found[1];
	throw new InvalidArgumentError(`invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`);
}

function seconds(text: string): number {
	if (/^-?\d+$/.test(text)) return Number(text);
	throw new InvalidArgumentError("It must be a number of seconds.");
}

function timeout(text: string): number | undefined {
	return /^0[a-z]*$/.test(text) ? undefined : durationOption(text);
}
